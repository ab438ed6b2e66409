import assert from "node:assert/strict";
import { NODE_TOOLS, TestNode, type NodePlan } from "./node.ts";
import { Sandbox, skipUnless, until, type Program } from "./sandbox.ts";

export const CONFLIST = {
    cniVersion: "0.3.1",
    name: "data-plane",
    plugins: [{ type: "ptp", note: 'a "b" \\ c' }],
};

export const PLAN: NodePlan = {
    nodesNetwork: "10.193.0.0/22",
    exempt: ["10.0.0.0/10"],
    unreachable: { metric: 4096, cidrs: ["10.0.0.0/10"] },
    slices: {
        "edge1-control-plane": ["10.1.1.0/24"],
        "edge2-control-plane": ["10.2.1.0/24"],
        "edge2-worker": ["10.2.2.0/24"],
    },
    attachments: [{ network: "data-plane", conflist: CONFLIST }],
};
export const ADDRESSES = { "edge2-control-plane": "10.193.0.3", "edge2-worker": "10.193.0.4" };
export const EXPECTED_ROUTES = [
    "10.2.1.0/24 via 10.193.0.3 dev eth0",
    "10.2.2.0/24 via 10.193.0.4 dev eth0",
    "unreachable 10.0.0.0/10 metric 4096",
    "unreachable 10.1.1.0/24 metric 4096",
];
export const EXEMPTION = "ip saddr 10.0.0.0/10 ip daddr 10.0.0.0/10 snat to ip saddr";
export const NETWORK_FILE = "multinet-data-plane.conflist";

/** Gives each test of a `describe` a node with one interface, which has PLAN and knows ADDRESSES. */
export function agentNode(): AgentNode {
    const agent = new AgentNode();
    before(function () {
        skipUnless(this, ...NODE_TOOLS);
    });
    beforeEach(() => {
        agent.make();
    });
    afterEach(() => agent.box.close());
    return agent;
}

class AgentNode {
    box!: Sandbox;
    node!: TestNode;

    make(): void {
        this.box = new Sandbox();
        const space = this.box.space();
        this.node = new TestNode(this.box, space, "edge1-control-plane");
        this.ip("link add eth0 type veth peer name wire");
        for (const link of ["eth0", "wire"]) {
            this.ip(`link set ${link} up`);
        }
        this.ip("addr add 10.193.0.2/22 dev eth0");
        this.node.hosts(ADDRESSES);
        this.node.plan(PLAN);
    }

    ip(words: string): string {
        return this.box.ip(this.node.space, words);
    }

    nat(words: string, iptables = "iptables-nft"): string {
        return this.box.run(this.node.space, [iptables, "-w", "-t", "nat", ...words.split(" ")]);
    }

    /** Starts the agent and waits until it is ready. */
    async started(): Promise<Program> {
        const program = this.node.start();
        await this.node.ready();
        return program;
    }

    /** The routes are back, the agent has noticed, and one Event says so. */
    async healed(what: string): Promise<void> {
        const { node } = this;
        await until("the routes are back", () => node.routes().join() === EXPECTED_ROUTES.join());
        const events = await until("an Event", () => node.events().length > 0 && node.events(), 60);
        const messages = events.map((event) => event.message).join("\n");
        assert.ok(messages.includes(what), `${what} is not in: ${messages}`);
    }
}
