import assert from "node:assert/strict";
import { topologyDiagram } from "../../../plan/diagram.ts";
import type { RawConfig } from "../../../plan/config/parsedConfig.ts";
import type { Plan } from "../../../plan/plan.ts";
import { planTopology } from "../../../plan/planTopology.ts";
import { validateConfig } from "../../../plan/config/validate.ts";

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
            plan.networks.map(({ name, mtu }) => [name, mtu]),
            [
                ["zeta", 1400],
                ["alpha", 1500],
            ],
        );
        assert.deepEqual(plan.clusters[0]!.networks, [
            { network: "zeta", interface: "net1" },
            { network: "alpha", interface: "net2" },
        ]);
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

    it("of as many clusters as one network may have is made in about a second", function () {
        this.timeout(60_000); // a busy machine takes longer; what counts is the time of the processor
        const clusters = Object.fromEntries(
            Array.from({ length: 141 }, (_, i) => [`c${i}`, { memory: "1GiB" }]),
        );
        const before = process.cpuUsage();
        const plan = planOf({
            clusters,
            networks: { data: { type: "ptp", clusterPrefix: 20 } },
            addresses: { clusterPrefix: 20 },
        });
        assert.ok(plan.reachability.pairs.length <= 141 * 140 + 3 * 282);
        const { user, system } = process.cpuUsage(before);
        assert.equal(plan.clusters[140]!.nodes[0]!.routes.length, 140);
        assert.ok(user + system < 1.5e6, `${(user + system) / 1e6} CPU-seconds`);
    });

    it("of ten clusters with ten pods each proves some pairs of very many, and says which", () => {
        const { reachability } = planOf({
            clusters: Object.fromEntries(
                Array.from({ length: 10 }, (_, i) => [`c${i + 1}`, { memory: "1GiB" }]),
            ),
            networks: {
                data: { type: "ptp", cidr: "10.0.0.0/10" },
                lan: { type: "macvlan", cidr: "172.16.0.0/16", clusterPrefix: 20, nodePrefix: 26 },
                local: { type: "bridge", cidr: "11.0.0.0/10" },
            },
            demo: { deployments: 10 },
        });
        const { pairs, multicast, scope } = reachability;
        assert.ok(pairs.length < 1000, `${pairs.length}`);
        assert.ok(multicast.length < 350, `${multicast.length}`);
        assert.match(
            scope,
            /^\d+ of 29,700 pairs, covering every pod, every ordered pair of nodes and every network; not/,
        );
        assert.ok(JSON.stringify(reachability).length < 250_000);
    });
});

describe("plan of networks of every type", () => {
    const plan = planOf({
        clusters: {
            edge1: { primary: "cilium" },
            edge2: { nodes: 2, primary: "calico", calico: { encapsulation: "None" } },
            edge3: { kubeProxyMode: "nftables" },
        },
        networks: {
            direct: { type: "ptp", cidr: "10.0.0.0/12", clusters: ["edge3", "edge1"] },
            local: { type: "bridge", cidr: "10.16.0.0/12", clusters: ["edge2"] },
            lan: { type: "macvlan", cidr: "10.32.0.0/16", ipam: "static" },
            overlay: {
                type: "cilium",
                cidr: "10.48.0.0/16",
                clusters: ["edge2", "edge3"],
                values: { debug: { enabled: true } },
            },
        },
        demo: { deployments: 3, plain: 2 },
    });
    const [edge1, edge2, edge3] = plan.clusters;
    const { pairs, free, multicast, networks } = plan.reachability;

    it("has of each type what it needs", () => {
        assert.deepEqual(plan.networks, [
            {
                name: "direct",
                type: "ptp",
                cidr: "10.0.0.0/12",
                clusterPrefix: 16,
                mtu: 1500,
                clusters: ["edge1", "edge3"],
            },
            {
                name: "local",
                type: "bridge",
                cidr: "10.16.0.0/12",
                clusterPrefix: 16,
                device: "br-local",
                mtu: 1500,
                clusters: ["edge2"],
            },
            {
                name: "lan",
                type: "macvlan",
                cidr: "10.32.0.0/16",
                clusterPrefix: 20,
                master: "eth0",
                ipam: "static",
                group: "239.192.119.229",
                mtu: 1500,
                clusters: ["edge1", "edge2", "edge3"],
            },
            {
                name: "overlay",
                type: "cilium",
                cidr: "10.48.0.0/16",
                nodePrefix: 24,
                mtu: 1450,
                clusters: ["edge2", "edge3"],
                values: { debug: { enabled: true } },
            },
        ]);
    });

    it("has the keys of a cluster's own network, with defaults", () => {
        assert.deepEqual(
            plan.clusters.map(({ primary, kubeProxyMode, settings }) => ({
                ...{ primary, kubeProxyMode },
                ...(settings && { settings }),
            })),
            [
                { primary: "cilium", kubeProxyMode: "iptables", settings: { values: {} } },
                {
                    primary: "calico",
                    kubeProxyMode: "iptables",
                    settings: { encapsulation: "None", wireguard: false, values: {} },
                },
                { primary: "kindnet", kubeProxyMode: "nftables" },
            ],
        );
    });

    it("gives a cluster interfaces and slices of the networks that it joins only", () => {
        assert.deepEqual(
            plan.clusters.map(({ networks }) => networks.map(({ network }) => network).join(" ")),
            ["direct lan", "local lan overlay", "direct lan overlay"],
        );
        assert.deepEqual(edge3!.networks.at(-1), { network: "overlay", interface: "net3" });
        assert.deepEqual(edge2!.nodes[1]!.attachments, [
            { network: "local", slice: "10.18.2.0/24", gateway: "10.18.2.1" },
            { network: "lan", slice: "10.32.34.0/24", gateway: "10.32.34.1" },
        ]);
    });

    it("routes the slices of ptp and bridge networks, and those of others not", () => {
        const [node1, node2] = edge2!.nodes;
        assert.deepEqual(node1!.routes, [
            { dst: "10.18.2.0/24", via: node2!.name, network: "local" },
        ]);
        assert.deepEqual(node1!.unreachable, ["10.18.1.0/24"]);
        assert.deepEqual(
            edge1!.nodes[0]!.routes.map(({ dst }) => dst),
            ["10.3.1.0/24"],
        );
    });

    it("plans the addresses of demo pods on a static segment, and no others", () => {
        assert.deepEqual(
            edge2!.demos.map(({ name, node, attachments }) => [
                name,
                node.replace(/.*edge2-/, ""),
                ...attachments.map(({ address }) => address ?? ""),
            ]),
            [
                ["demo1", "control-plane", "", "10.32.33.2/16", ""],
                ["demo2", "worker", "", "10.32.34.2/16", ""],
                ["demo3", "control-plane", "", "10.32.33.3/16", ""],
                ["plain1", "worker"],
                ["plain2", "control-plane"],
            ],
        );
    });

    it("asks every pair of a network in its own way, Cilium's within each cluster", () => {
        assert.deepEqual(
            networks.map(({ name, protocols }) => [name, protocols.join(" ")]),
            [
                ["direct", "icmp tcp bulk udp large"],
                ["local", "icmp tcp bulk udp large"],
                ["lan", "icmp tcp bulk udp large"],
                ["overlay", "icmp tcp bulk udp large"],
                ["primary", "icmp tcp bulk udp large"],
            ],
        );
        assert.deepEqual(networks[3]!.slices, {});
        assert.deepEqual(networks[1]!.slices, {
            "multinet-dev-edge2-control-plane": "10.18.1.0/24",
            "multinet-dev-edge2-worker": "10.18.2.0/24",
        });
        const count = Map.groupBy(pairs, ({ network }) => network);
        assert.deepEqual(
            networks.map(({ name }) => count.get(name)!.length),
            [6 * 5, 3 * 2, 9 * 8, 2 * 3 * 2, 3 * (5 * 4 - 3 * 2)],
        );
        const crossing = (network: string) =>
            count.get(network)!.filter(({ from, to }) => from.cluster !== to.cluster).length;
        assert.deepEqual(
            networks.map(({ name }) => crossing(name) > 0),
            [true, false, true, false, false],
        );
    });

    it("asks free addresses of ptp and bridge networks only, in clusters that join", () => {
        assert.deepEqual(
            new Set(
                free.map(({ from, cluster, network }) => `${from.cluster} ${cluster} ${network}`),
            ),
            new Set(["edge1 edge3 direct", "edge2 edge2 local", "edge3 edge1 direct"]),
        );
    });

    it("sends to a group from every pod, which odd demos get and even ones do not", () => {
        assert.equal(multicast.length, 9 * 8);
        for (const { to, member, group } of multicast) {
            assert.equal(group, "239.192.119.229");
            assert.equal(member, to.demo !== "demo2");
        }
        assert.deepEqual(
            edge2!.demos.map(({ member }) => member),
            [true, false, true, false, false],
        );
    });

    it("is drawn with every network's part of a node, and Cilium's ranges once they are known", () => {
        const ranges = Object.fromEntries(
            plan.clusters.flatMap(({ index, nodes }) =>
                nodes.map(({ name, ordinal }) => [
                    name,
                    {
                        range: `10.48.${10 * index + ordinal}.0/24`,
                        router: `10.48.${10 * index + ordinal}.7`,
                    },
                ]),
            ),
        );
        const nodes = (text: string) =>
            text.match(/c\dn\d\[".*"\]/g)!.map((node) => node.replace(/.*edge/, "edge"));
        assert.deepEqual(nodes(topologyDiagram(plan)), [
            'edge1-control-plane<br/>cilium 10.65.0.0/16<br/>direct 10.1.1.0/24<br/>lan 10.32.17.0/24"]',
            'edge2-control-plane<br/>calico 10.66.0.0/16<br/>local 10.18.1.0/24<br/>lan 10.32.33.0/24<br/>overlay"]',
            'edge2-worker<br/>calico 10.66.0.0/16<br/>local 10.18.2.0/24<br/>lan 10.32.34.0/24<br/>overlay"]',
            'edge3-control-plane<br/>direct 10.3.1.0/24<br/>lan 10.32.49.0/24<br/>overlay"]',
        ]);
        assert.deepEqual(nodes(topologyDiagram(plan, ranges)), [
            'edge1-control-plane<br/>cilium 10.48.11.0/24, router 10.48.11.7<br/>direct 10.1.1.0/24<br/>lan 10.32.17.0/24"]',
            'edge2-control-plane<br/>calico 10.66.0.0/16<br/>local 10.18.1.0/24<br/>lan 10.32.33.0/24<br/>overlay 10.48.21.0/24, router 10.48.21.7"]',
            'edge2-worker<br/>calico 10.66.0.0/16<br/>local 10.18.2.0/24<br/>lan 10.32.34.0/24<br/>overlay 10.48.22.0/24, router 10.48.22.7"]',
            'edge3-control-plane<br/>direct 10.3.1.0/24<br/>lan 10.32.49.0/24<br/>overlay 10.48.31.0/24, router 10.48.31.7"]',
        ]);
        assert.match(topologyDiagram(plan), /c2plain1\(\["plain1"\]\) --- c2n2/);
    });
});

describe("members of a multicast group", () => {
    const membersOf = (clusters: number, deployments: number) => {
        const { reachability } = planOf({
            clusters: Object.fromEntries(
                Array.from({ length: clusters }, (_, i) => [`e${i + 1}`, {}]),
            ),
            networks: { lan: { type: "macvlan", cidr: "10.32.0.0/16" } },
            demo: { deployments },
        });
        const members = reachability.multicast.flatMap(({ to, member }) => (member ? to : []));
        return [...new Set(members.map(({ cluster, demo }) => `${cluster}/${demo}`))].sort();
    };

    it("are the odd demos", () => {
        assert.deepEqual(membersOf(1, 3), ["e1/demo1", "e1/demo3"]);
    });

    it("are all but the last cluster's where each cluster has one demo", () => {
        assert.deepEqual(membersOf(2, 1), ["e1/demo1", "e2/demo1"]);
        assert.deepEqual(membersOf(3, 1), ["e1/demo1", "e2/demo1"]);
    });
});
