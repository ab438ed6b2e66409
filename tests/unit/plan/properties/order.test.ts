import assert from "node:assert/strict";
import fc from "fast-check";
import { config, type Config, owner, planOf, RUNS } from "./randomConfig.ts";

function shuffled<T>(map: Record<string, T>, seed: number): Record<string, T> {
    const entries = Object.entries(map);
    return Object.fromEntries(
        entries.map((_, i) => entries[(i + seed) % entries.length]!).reverse(),
    );
}

/** The same networks, the clusters that join each in another order. */
function reversed(networks: NonNullable<Config["networks"]>) {
    return Object.fromEntries(
        Object.entries(networks).map(([name, { clusters, ...rest }]) => [
            name,
            { ...rest, ...(Array.isArray(clusters) && { clusters: clusters.toReversed() }) },
        ]),
    );
}

describe("random topologies", function () {
    this.timeout(0); // it only computes: how long that takes says how busy the machine is

    it("have the same plan in whatever order they are written", () => {
        fc.assert(
            fc.property(config, owner, fc.nat(9), (config, owner, seed) => {
                const other = {
                    ...shuffled(config, seed),
                    clusters: shuffled(config.clusters, seed),
                    ...(config.networks && { networks: reversed(shuffled(config.networks, seed)) }),
                };
                assert.deepEqual(planOf(other, owner), planOf(config, owner));
            }),
            { numRuns: RUNS.order },
        );
    });
});
