import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { AGENT_PLAN_LIMIT, agentPlan, agentPlanProblems } from "../../../plan/agentPlan.ts";
import type { ClusterPlan, Plan } from "../../../plan/plan.ts";
import { planTopology } from "../../../plan/planTopology.ts";
import { validateConfig } from "../../../plan/config/validate.ts";

const OWNER = { project: "multinet", stack: "dev" };

/** So many networks of each kind, of which the first routed one is joined by the first cluster only. */
interface Size {
    clusters: number;
    nodes: number;
    ptp: number;
    macvlan: number;
}

function planOf({ clusters, nodes, ptp, macvlan }: Size): Plan {
    const names = Array.from({ length: clusters }, (_, i) => `edge${i + 1}`);
    const networks = [
        ...Array.from({ length: ptp }, (_, i) => [
            `net-${i}`,
            {
                type: i % 2 ? "bridge" : "ptp",
                cidr: `${20 + Math.floor(i / 16)}.${(i % 16) * 16}.0.0/12`,
                clusterPrefix: 20,
                nodePrefix: 26,
                ...(i === 1 && { clusters: names.slice(0, 1) }),
            },
        ]),
        ...Array.from({ length: macvlan }, (_, i) => [
            `lan-${i}`,
            {
                type: "macvlan",
                cidr: `172.${16 + i}.0.0/16`,
                clusterPrefix: 20,
                nodePrefix: 26,
            },
        ]),
    ];
    const config = {
        clusters: Object.fromEntries(names.map((name) => [name, { nodes }])),
        networks: Object.fromEntries(networks) as object,
        addresses: { clusterPrefix: 16 },
        bridge: { subnet: "192.168.0.0/16" },
    };
    const result = validateConfig(config, OWNER);
    assert.ok("topology" in result, JSON.stringify(result));
    return planTopology(result.topology, OWNER);
}

const bytes = (plan: Plan, i = 0) => JSON.stringify(plan.clusters[i]!.agents).length;

describe("what node agents are told", () => {
    const sizes = fc.record({
        clusters: fc.integer({ min: 1, max: 6 }),
        nodes: fc.integer({ min: 1, max: 6 }),
        ptp: fc.integer({ min: 1, max: 6 }),
        macvlan: fc.integer({ min: 0, max: 3 }),
    });

    it("leads every node to the slices of all others, and lets it answer for its own", () => {
        fc.assert(
            fc.property(sizes, (size) => {
                const plan = planOf(size);
                for (const cluster of plan.clusters) {
                    const { slices, nodes } = cluster.agents;
                    assert.deepEqual(
                        Object.keys(nodes),
                        cluster.nodes.map(({ name }) => name),
                    );
                    for (const { name, routes, unreachable } of cluster.nodes) {
                        const told = Object.entries(slices)
                            .filter(([via]) => via !== name)
                            .flatMap(([via, all]) => all.map((dst) => `${dst} ${via}`));
                        const planned = routes.map(({ dst, via }) => `${dst} ${via}`);
                        assert.deepEqual(told.sort(), planned.sort());
                        assert.deepEqual(slices[name] ?? [], unreachable);
                    }
                }
            }),
            { numRuns: 40 },
        );
    });

    it("grows with the slices of the stack and with the attachments of the cluster, not with their product", () => {
        fc.assert(
            fc.property(sizes, (size) => {
                const plan = planOf(size);
                const networks = size.ptp + size.macvlan;
                const attachments = size.nodes * networks;
                const slices = size.clusters * size.nodes * size.ptp;
                const nodes = size.clusters * size.nodes;
                const most = 400 * (attachments + networks + 1) + 24 * slices + 60 * nodes;
                assert.ok(bytes(plan) <= most, `${bytes(plan)} > ${most}`);
            }),
            { numRuns: 40 },
        );
    });

    it("fits into a ConfigMap and, twice, into Helm's Secret for 32 nodes with 18 networks each", () => {
        const plan = planOf({ clusters: 1, nodes: 32, ptp: 16, macvlan: 2 });
        assert.deepEqual(agentPlanProblems(plan), []);
        const values = JSON.stringify(plan.clusters[0]!.agents);
        assert.ok(values.length < AGENT_PLAN_LIMIT / 4, `${values.length}`);
        // Helm keeps values and manifest, packed and twice in base64.
        assert.ok((gzipSync(values + values).length * 16) / 9 < AGENT_PLAN_LIMIT);
    });

    it("is refused where a ConfigMap cannot hold it, for each such cluster", () => {
        const small = planOf({ clusters: 2, nodes: 1, ptp: 90, macvlan: 2 });
        assert.deepEqual(agentPlanProblems(small), []);
        // Other limits come first as long as every node has routes to every other one.
        const many = (cluster: ClusterPlan) => {
            const nodes = cluster.nodes.flatMap((node) =>
                Array.from({ length: 60 }, (_, i) => ({ ...node, name: `${node.name}${i}` })),
            );
            const joined = small.networks.filter((one) => one.clusters.includes(cluster.name));
            return { ...cluster, nodes, agents: agentPlan("10.0.0.0/8", joined, nodes) };
        };
        const plan = { ...small, clusters: small.clusters.map(many) };
        assert.ok(bytes(plan) > AGENT_PLAN_LIMIT);
        const [first, second] = agentPlanProblems(plan);
        assert.equal(first?.key, "clusters.edge1.nodes");
        assert.equal(first.value, "60");
        assert.match(
            first.reason,
            /takes [0-9]+ KiB, and a ConfigMap holds 960 KiB of it: 60 nodes with 9[12] networks each, and [0-9]+ slices of all nodes/,
        );
        assert.match(first.fix, /fewer nodes.*networks\.NAME\.clusters/);
        assert.equal(second?.key, "clusters.edge2.nodes");
    });
});
