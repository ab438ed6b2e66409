import assert from "node:assert/strict";
import { topologyDiagram } from "../../../components/topology/diagram.ts";
import type { RawConfig } from "../../../components/topology/draft.ts";
import { planTopology, type Plan } from "../../../components/topology/plan.ts";
import { validateConfig } from "../../../components/topology/validate.ts";

const OWNER = { project: "multinet", stack: "dev" };

function planOf(config: RawConfig, owner = OWNER): Plan {
    const result = validateConfig(config, owner);
    assert.ok("topology" in result, JSON.stringify(result));
    return planTopology(result.topology, owner);
}

const cluster = (i: number, other: number) => {
    const node = `multinet-dev-edge${i}-control-plane`;
    const attachments = [{ network: "data-plane", slice: `10.${i}.1.0/24` }];
    return {
        name: `edge${i}`,
        kindName: `multinet-dev-edge${i}`,
        index: i,
        podSubnet: `10.${64 + i}.0.0/16`,
        serviceSubnet: `10.${128 + i}.0.0/16`,
        memory: "4GiB",
        nodes: [
            {
                name: node,
                ordinal: 1,
                role: "control-plane",
                attachments: [{ ...attachments[0], gateway: `10.${i}.1.1` }],
                routes: [
                    {
                        dst: `10.${other}.1.0/24`,
                        via: `multinet-dev-edge${other}-control-plane`,
                        network: "data-plane",
                    },
                ],
                unreachable: [`10.${i}.1.0/24`],
            },
        ],
        demos: [
            { name: "demo1", node, attachments },
            { name: "demo2", node, attachments },
        ],
    };
};

describe("plan of two clusters with all defaults", () => {
    const plan = planOf({ clusters: { edge2: {}, edge1: {} } });
    const { reachability, ...rest } = plan;

    it("fixes every name, address and route", () => {
        assert.deepEqual(rest, {
            ...OWNER,
            bridge: {
                name: "multinet-dev",
                subnet: "10.206.152.0/22",
                gateway: "10.206.152.1",
            },
            networks: [
                {
                    name: "data-plane",
                    type: "ptp",
                    cidr: "10.0.0.0/10",
                    clusterPrefix: 16,
                    mtu: 1500,
                    interface: "net1",
                },
            ],
            clusters: [cluster(1, 2), cluster(2, 1)],
        });
    });

    it("expects every ordered pair of the four demo pods to be reachable", () => {
        assert.equal(reachability.pairs.length, 12);
        assert.equal(new Set(reachability.pairs.map((pair) => JSON.stringify(pair))).size, 12);
        assert.deepEqual(reachability.pairs[1], {
            from: { cluster: "edge1", demo: "demo1" },
            to: { cluster: "edge2", demo: "demo1" },
            network: "data-plane",
        });
    });

    it("expects one free address of the other cluster to be unreachable from each demo pod", () => {
        assert.deepEqual(
            reachability.free.map(({ from, cluster, address }) => [from.cluster, cluster, address]),
            [
                ["edge1", "edge2", "10.2.1.254"],
                ["edge1", "edge2", "10.2.1.254"],
                ["edge2", "edge1", "10.1.1.254"],
                ["edge2", "edge1", "10.1.1.254"],
            ],
        );
    });

    it("is drawn as Mermaid text", () => {
        assert.equal(
            topologyDiagram(plan),
            [
                "flowchart LR",
                '    bridge{{"multinet-dev 10.206.152.0/22<br/>data-plane 10.0.0.0/10"}}',
                '    subgraph c1["edge1"]',
                '        c1n1["multinet-dev-edge1-control-plane<br/>data-plane 10.1.1.0/24"]',
                '        c1demo1(["demo1"]) --- c1n1',
                '        c1demo2(["demo2"]) --- c1n1',
                "    end",
                "    c1n1 --- bridge",
                '    subgraph c2["edge2"]',
                '        c2n1["multinet-dev-edge2-control-plane<br/>data-plane 10.2.1.0/24"]',
                '        c2demo1(["demo1"]) --- c2n1',
                '        c2demo2(["demo2"]) --- c2n1',
                "    end",
                "    c2n1 --- bridge",
                "",
            ].join("\n"),
        );
    });
});

describe("plan", () => {
    it("of three clusters with 3, 2 and 1 nodes routes every node to every other slice", () => {
        const plan = planOf({ clusters: { edge1: { nodes: 3 }, edge2: { nodes: 2 }, edge3: {} } });
        const nodes = plan.clusters.flatMap(({ nodes }) => nodes);
        assert.deepEqual(
            nodes.map(({ routes }) => routes.length),
            [5, 5, 5, 5, 5, 5],
        );
        assert.deepEqual(
            nodes[1]!.routes.map(({ dst, via }) => `${dst} ${via}`),
            [
                "10.1.1.0/24 multinet-dev-edge1-control-plane",
                "10.1.3.0/24 multinet-dev-edge1-worker2",
                "10.2.1.0/24 multinet-dev-edge2-control-plane",
                "10.2.2.0/24 multinet-dev-edge2-worker",
                "10.3.1.0/24 multinet-dev-edge3-control-plane",
            ],
        );
        assert.deepEqual(
            plan.clusters[1]!.demos.map(({ node }) => node),
            ["multinet-dev-edge2-control-plane", "multinet-dev-edge2-worker"],
        );
    });

    it("numbers the interfaces of networks by their ranges", () => {
        const plan = planOf({
            clusters: { edge1: {} },
            networks: {
                alpha: { type: "ptp", cidr: "172.16.0.0/12" },
                zeta: { type: "ptp", mtu: 1400 },
            },
        });
        assert.deepEqual(
            plan.networks.map(({ name, interface: device, mtu }) => [name, device, mtu]),
            [
                ["zeta", "net1", 1400],
                ["alpha", "net2", 1500],
            ],
        );
        assert.deepEqual(plan.clusters[0]!.nodes[0]!.unreachable, ["10.1.1.0/24", "172.17.1.0/24"]);
    });

    it("of one cluster proves free addresses at its other nodes", () => {
        const { free } = planOf({ clusters: { e1: { nodes: 2 } } }).reachability;
        assert.deepEqual(
            free.map(({ from, address }) => [from.demo, address]),
            [
                ["demo1", "10.1.2.254"],
                ["demo2", "10.1.1.254"],
            ],
        );
        assert.deepEqual(planOf({ clusters: { e1: {} } }).reachability.free, []);
    });

    it("gives other stacks another bridge and other names", () => {
        const other = planOf({ clusters: { edge1: {} } }, { project: "multinet", stack: "test" });
        assert.notEqual(other.bridge.subnet, "10.206.152.0/22");
        assert.match(other.bridge.subnet, /^10\.(19[2-9]|2\d\d)\.\d+\.0\/22$/);
        assert.equal(other.clusters[0]!.kindName, "multinet-test-edge1");
    });

    it("of a thousand clusters is made in about a second", function () {
        this.timeout(60_000); // a busy machine takes longer; what counts is the time of the processor
        const clusters = Object.fromEntries(
            Array.from({ length: 1000 }, (_, i) => [`c${i}`, { memory: "1GiB" }]),
        );
        const before = process.cpuUsage();
        const plan = planOf({
            clusters,
            networks: { data: { type: "ptp", clusterPrefix: 20 } },
            addresses: { clusterPrefix: 20 },
        });
        const { user, system } = process.cpuUsage(before);
        assert.equal(plan.clusters[999]!.nodes[0]!.routes.length, 999);
        assert.ok(user + system < 1.5e6, `${(user + system) / 1e6} CPU-seconds`);
    });
});
