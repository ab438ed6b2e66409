import assert from "node:assert/strict";
import fc from "fast-check";
import type { ClusterPlan, Plan } from "../../../../plan/plan.ts";
import {
    type Config,
    configOf,
    indexes,
    owner,
    planOf,
    RUNS,
    withCluster,
} from "./randomConfig.ts";

/** What of a cluster must not depend on other clusters; routes do. */
function own(cluster: ClusterPlan) {
    const nodes = cluster.nodes.map((node) => ({ ...node, routes: [] }));
    return { ...cluster, nodes, agents: { ...cluster.agents, slices: {} } };
}

/** The same configuration without a cluster, and without the networks that then none joins. */
function withoutCluster(config: Config, gone: string): Config {
    const isKept = (name: unknown) => name !== gone;
    const networks = Object.entries(config.networks ?? {}).flatMap(([name, network]) => {
        if (network.clusters === undefined) {
            return [[name, network]];
        }
        const clusters = (network.clusters as string[]).filter(isKept);
        return clusters.length > 0 ? [[name, { ...network, clusters }]] : [];
    });
    return {
        ...config,
        clusters: Object.fromEntries(Object.entries(config.clusters).filter(([k]) => isKept(k))),
        ...(config.networks && { networks: Object.fromEntries(networks) as Config["networks"] }),
    };
}

/** What of a network must not depend on which clusters join it. */
function ownNetworks(plan: Plan) {
    return new Map(plan.networks.map((network) => [network.name, { ...network, clusters: [] }]));
}

describe("random topologies", function () {
    this.timeout(0); // it only computes: how long that takes says how busy the machine is

    it("keep every name and address when a cluster or a node comes or goes", () => {
        const grown = indexes
            .filter(({ length }) => length > 1)
            .chain((indexes) => configOf(indexes))
            // With one demo pod in each cluster the last one is told apart, so that a group has a non-member.
            .filter(({ demo }) => (demo as { deployments?: number } | undefined)?.deployments !== 1)
            .map((config) => ({ config, names: Object.keys(config.clusters) }));
        fc.assert(
            fc.property(grown, owner, ({ config, names }, owner) => {
                const [gone, ...rest] = names;
                const smaller = withoutCluster(config, gone!);
                fc.pre(!smaller.networks || Object.keys(smaller.networks).length > 0);
                const [before, after] = [planOf(smaller, owner), planOf(config, owner)];
                const stayed = after.clusters.filter(({ name }) => name !== gone);
                assert.deepEqual(stayed.map(own), before.clusters.map(own));
                assert.deepEqual(before.bridge, after.bridge);
                const networks = ownNetworks(after);
                for (const [name, network] of ownNetworks(before)) {
                    assert.deepEqual(network, networks.get(name));
                }

                const nodes = 1 + Number(config.clusters[rest[0]!]!.nodes ?? 1);
                const wider = planOf(withCluster(config, rest[0]!, { nodes }), owner);
                for (const [i, cluster] of wider.clusters.entries()) {
                    const old = own(after.clusters[i]!);
                    const now = own(cluster);
                    if (cluster.name !== rest[0]) {
                        assert.deepEqual(now, old);
                    } else {
                        assert.deepEqual(now.nodes.slice(0, -1), old.nodes);
                    }
                }
            }),
            { numRuns: RUNS.renumbering },
        );
    });
});
