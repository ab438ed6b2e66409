import { NODE_TOOLS, TestNode } from "./node.ts";
import { askIn, demoScript } from "./probe.ts";
import { Sandbox, skipUnless, until, type Program } from "./sandbox.ts";

/** A node, and the pod on it. */
export interface Place {
    node: TestNode;
    pod: string;
    address: string;
}

/**
 * Gives a `describe` two nodes on one bridge with one pod each, as ptp lays them out, and on both nodes a primary CNI
 * that masquerades every source; the agents and the demo scripts are the real ones.
 */
export function twoNodes(): TwoNodes {
    const nodes = new TwoNodes();
    before(async function () {
        skipUnless(this, ...NODE_TOOLS, "perl");
        await nodes.start();
    });
    after(() => nodes.box?.close());
    return nodes;
}

class TwoNodes {
    box!: Sandbox;
    lan!: string;
    here!: Place;
    there!: Place;
    agents!: Program[];

    async start(): Promise<void> {
        this.box = new Sandbox();
        this.lan = this.box.space();
        this.box.ip(this.lan, "link add bridge0 type bridge");
        this.box.ip(this.lan, "link set bridge0 up");
        this.box.ip(this.lan, "addr add 10.193.0.1/22 dev bridge0");
        this.here = this.place(1);
        this.there = this.place(2);
        const places = [this.here, this.there];
        this.agents = places.map(({ node }) => node.start());
        for (const { pod } of places) {
            const responder = ["perl", demoScript("responder.pl")];
            this.box.start(pod, responder, { env: { HOSTNAME: "pod" } });
        }
        await Promise.all(places.map(({ node }) => node.ready()));
        for (const { pod } of places) {
            await until("a ready pod", () => this.podReady(pod).ok);
        }
    }

    probe(pod: string, ...questions: string[]): string[] {
        return askIn(this.box, pod, ...questions);
    }

    podReady(pod: string, networks = "data-plane", groups = ""): { ok: boolean; says: string } {
        try {
            return {
                ok: true,
                says: this.box.run(pod, ["bash", demoScript("ready.sh")], {
                    env: { NETWORKS: networks, MULTICAST_GROUPS: groups },
                }),
            };
        } catch (error) {
            return { ok: false, says: String((error as { stdout?: string }).stdout) };
        }
    }

    private place(index: number): Place {
        const { box } = this;
        const space = box.space();
        const pod = box.space();
        const [gateway, address] = [`10.${index}.1.1`, `10.${index}.1.7`];
        box.ip(this.lan, `link add port${index} type veth peer name eth0 netns ${space}`);
        box.ip(this.lan, `link set port${index} master bridge0 up`);
        box.ip(space, "link set eth0 up");
        box.ip(space, `addr add 10.193.0.1${index}/22 dev eth0`);
        box.ip(space, "route add default via 10.193.0.1");

        box.ip(space, `link add vethnet1 type veth peer name net1 netns ${pod}`);
        box.ip(space, "link set vethnet1 up");
        box.ip(space, `addr add ${gateway}/32 dev vethnet1`);
        box.ip(space, `route add ${address}/32 dev vethnet1`);
        box.ip(pod, "link set net1 up");
        box.ip(pod, `addr add ${address}/24 dev net1 noprefixroute`);
        box.ip(pod, `route add ${gateway}/32 dev net1 src ${address}`);
        box.ip(pod, `route add 10.0.0.0/10 via ${gateway} src ${address}`);

        const masquerade = ["-A", "POSTROUTING", "-j", "MASQUERADE"];
        box.run(space, ["iptables-nft", "-w", "-t", "nat", ...masquerade]);
        return { node: this.plannedNode(space, index), pod, address };
    }

    private plannedNode(space: string, index: number): TestNode {
        const node = new TestNode(this.box, space, `edge${index}-control-plane`);
        node.hosts({ "edge1-control-plane": "10.193.0.11", "edge2-control-plane": "10.193.0.12" });
        node.plan({
            nodesNetwork: "10.193.0.0/22",
            exempt: ["10.0.0.0/10"],
            unreachable: { metric: 4096, cidrs: ["10.0.0.0/10"] },
            slices: {
                "edge1-control-plane": ["10.1.1.0/24"],
                "edge2-control-plane": ["10.2.1.0/24"],
            },
        });
        return node;
    }
}
