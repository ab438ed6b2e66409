import assert from "node:assert/strict";
import { topologyDiagram } from "../../../../plan/diagram.ts";
import { OWNER, planOf } from "../planOf.ts";

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
        primary: "kindnet",
        kubeProxyMode: "iptables",
        networks: [{ network: "data-plane", interface: "net1" }],
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
            { name: "demo1", node, attachments, member: false },
            { name: "demo2", node, attachments, member: false },
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
                    clusters: ["edge1", "edge2"],
                },
            ],
            clusters: [cluster(1, 2), cluster(2, 1)].map((cluster, i) => ({
                ...cluster,
                agents: plan.clusters[i]!.agents, // see agentPlan.test.ts
            })),
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
        assert.deepEqual(reachability.networks, [
            {
                name: "data-plane",
                protocols: ["icmp", "tcp", "bulk", "udp", "large"],
                slices: {
                    "multinet-dev-edge1-control-plane": "10.1.1.0/24",
                    "multinet-dev-edge2-control-plane": "10.2.1.0/24",
                },
                mtu: 1500,
            },
        ]);
        assert.deepEqual(reachability.multicast, []);
        assert.equal(reachability.scope, "not measured: the primary network (no plain pod)");
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
