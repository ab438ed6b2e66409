import assert from "node:assert/strict";
import { planOf } from "../planOf.ts";

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
