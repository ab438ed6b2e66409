import assert from "node:assert/strict";
import { NODE_TOOLS, TestNode, type NodePlan } from "./node.ts";
import { Sandbox, skipUnless, until } from "./sandbox.ts";

const files = new URL("../../../charts/demo/files/", import.meta.url).pathname;
const script = (name: string) => ["bash", `${files}${name}`];

interface Place {
    node: TestNode;
    pod: string;
    address: string;
}

/**
 * Two nodes on one bridge with one pod each, as ptp lays them out, and on both nodes a primary CNI that masquerades
 * every source; the agents and the demo scripts are the real ones.
 */
describe("data plane of two nodes", function () {
    this.timeout(120_000);
    let box: Sandbox;
    let lan: string;
    let here: Place;
    let there: Place;

    before(async function () {
        skipUnless(this, ...NODE_TOOLS, "perl", "socat", "ping", "timeout");
        box = new Sandbox();
        lan = box.space();
        box.ip(lan, "link add bridge0 type bridge");
        box.ip(lan, "link set bridge0 up");
        box.ip(lan, "addr add 10.193.0.1/22 dev bridge0");
        here = place(1);
        there = place(2);
        for (const { node, pod } of [here, there]) {
            node.start();
            box.start(pod, ["perl", ...script("responder.pl").slice(1)]);
        }
        await Promise.all([here.node.ready(), there.node.ready()]);
        for (const { pod } of [here, there]) await until("a ready pod", () => podReady(pod).ok);
    });

    after(async function () {
        await box?.close();
    });

    function place(index: number): Place {
        const space = box.space();
        const pod = box.space();
        const [gateway, address] = [`10.${index}.1.1`, `10.${index}.1.7`];
        box.ip(lan, `link add port${index} type veth peer name eth0 netns ${space}`);
        box.ip(lan, `link set port${index} master bridge0 up`);
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

        const node = new TestNode(box, space, `edge${index}-control-plane`);
        const masquerade = (...words: string[]) =>
            box.run(space, ["iptables-nft", "-w", "-t", "nat", ...words, "-j", "MASQUERADE"]);
        masquerade("-A", "POSTROUTING");
        node.hosts({ "edge1-control-plane": "10.193.0.11", "edge2-control-plane": "10.193.0.12" });
        const other = 3 - index;
        const plan: NodePlan = {
            networks: [{ name: "data-plane", cidr: "10.0.0.0/10" }],
            attachments: [],
            routes: [
                {
                    dst: `10.${other}.1.0/24`,
                    via: `edge${other}-control-plane`,
                    network: "data-plane",
                },
            ],
            unreachable: [`10.${index}.1.0/24`],
        };
        node.plan(plan);
        return { node, pod, address };
    }

    function probe(pod: string, ...questions: string[]): string[] {
        const input = questions.map((question) => `${question}\n`).join("");
        return box.run(pod, script("probe.sh"), { input }).split("\n").slice(0, -1);
    }

    function podReady(
        pod: string,
        networks = "data-plane",
        groups = "",
    ): { ok: boolean; says: string } {
        try {
            return {
                ok: true,
                says: box.run(pod, script("ready.sh"), {
                    env: { NETWORKS: networks, MULTICAST_GROUPS: groups },
                }),
            };
        } catch (error) {
            return { ok: false, says: String((error as { stdout?: string }).stdout) };
        }
    }

    it("carries ICMP, TCP and UDP both ways and keeps the source address", function () {
        const ways: [Place, Place][] = [
            [here, there],
            [there, here],
        ];
        for (const [from, to] of ways) {
            const questions = ["icmp", "tcp", "udp", "large", "bulk"].map(
                (kind) => `${kind} ${to.address}`,
            );
            assert.deepEqual(probe(from.pod, ...questions), [
                `icmp ${to.address} ok ttl=62`,
                `tcp ${to.address} ok ${from.address}`,
                `udp ${to.address} ok ${from.address}`,
                `large ${to.address} ok ${from.address}`,
                `bulk ${to.address} ok 4194304 bytes`,
            ]);
        }
    });

    it("still keeps it when the CNI puts its rule in front", async function () {
        const nat = (...words: string[]) =>
            box.run(here.node.space, ["iptables-nft", "-w", "-t", "nat", ...words]);
        nat("-I", "POSTROUTING", "1", "-o", "eth0", "-j", "MASQUERADE");
        const first = "-A POSTROUTING -j MULTINET-EXEMPT";
        await until("the exemption is first", () => here.node.nat("POSTROUTING")[1] === first);
        const [line] = probe(here.pod, `tcp ${there.address}`);
        assert.equal(line, `tcp ${there.address} ok ${here.address}`);
        nat("-D", "POSTROUTING", "-o", "eth0", "-j", "MASQUERADE");
    });

    it("masquerades as before whatever leaves the network", async function () {
        const outside = box.start(lan, ["perl", ...script("responder.pl").slice(1)]);
        box.ip(here.pod, "route add default via 10.1.1.1");
        const line = await until("an answer from outside", () => {
            const [answer] = probe(here.pod, "tcp 10.193.0.1");
            return answer?.startsWith("tcp 10.193.0.1 ok") && answer;
        });
        assert.equal(line, "tcp 10.193.0.1 ok 10.193.0.11");
        box.ip(here.pod, "route del default");
        await outside.kill();
    });

    it("answers for a free address that nobody is there: the node it would be on, not the default route", function () {
        assert.equal(
            probe(here.pod, "unreachable 10.2.1.254")[0],
            "unreachable 10.2.1.254 ok 10.193.0.12",
        );
        assert.equal(
            probe(there.pod, "unreachable 10.2.1.9")[0],
            "unreachable 10.2.1.9 ok 10.2.1.1",
        );
        assert.equal(
            probe(here.pod, `unreachable ${there.address}`)[0],
            `unreachable ${there.address} fail reply`,
        );
    });

    it("tells the ways to fail apart and answers every line in its place", function () {
        const questions = [
            "icmp 10.2.1.254",
            "icmp 192.0.2.1",
            "tcp 192.0.2.1",
            "udp 192.0.2.1",
            "icmp 10.2.1.7; reboot",
            "gre 10.2.1.7",
            "",
            "bulk 192.0.2.1",
            "multicast 10.2.1.7",
            "udp 10.2.1.7",
        ];
        assert.deepEqual(probe(here.pod, ...questions), [
            "icmp 10.2.1.254 fail Destination Host Unreachable from 10.193.0.12",
            "icmp 192.0.2.1 fail no-route",
            "tcp 192.0.2.1 fail unreachable",
            "udp 192.0.2.1 fail no-route",
            "icmp 10.2.1.7; reboot fail not an IPv4 address",
            "gre 10.2.1.7 fail not a kind of probe",
            "  fail not an IPv4 address",
            "bulk 192.0.2.1 fail unreachable",
            "multicast 10.2.1.7 fail not three IPv4 addresses",
            "udp 10.2.1.7 ok 10.1.1.7",
        ]);
    });

    it("gives up after two seconds on an address that never answers", function () {
        box.ip(there.node.space, "route add blackhole 10.2.1.200/32");
        const kinds = ["icmp", "tcp", "udp", "bulk", "unreachable"];
        const questions = kinds.flatMap((kind) => [`${kind} 10.2.1.200`, `${kind} 10.2.1.200`]);
        const begin = Date.now();
        const lines = probe(here.pod, ...questions);
        // One after the other they would take twenty seconds.
        assert.ok(Date.now() - begin < 10_000);
        assert.deepEqual(
            lines,
            questions.map((question) => `${question} fail timeout`),
        );
    });

    it("answers many at once", function () {
        const questions = Array.from(
            { length: 120 },
            (_, i) => `${i % 3 === 0 ? "tcp" : "udp"} ${there.address}`,
        );
        const expected = questions.map((question) => `${question} ok ${here.address}`);
        assert.deepEqual(probe(here.pod, ...questions), expected);
    });

    it("is ready with all listeners and interfaces only, and says what is missing", async function () {
        assert.deepEqual(podReady(here.pod), { ok: true, says: "" });
        assert.deepEqual(podReady(here.pod, ""), { ok: true, says: "" });
        const second = podReady(here.pod, "data-plane,other");
        assert.equal(second.ok, false);
        assert.match(second.says, /^net2 \(other\) is missing: .*Multus.*; delete the pod\n$/);
        assert.equal(podReady(lan, "").ok, false);
        assert.match(podReady(lan, "").says, /TCP port 7000\n.*TCP port 7001\n.*UDP port 7000\n$/);
    });
});
