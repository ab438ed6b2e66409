import assert from "node:assert/strict";
import { topologyDiagram } from "../../../../plan/diagram.ts";
import { planOf } from "../planOf.ts";

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
