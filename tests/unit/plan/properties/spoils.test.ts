import assert from "node:assert/strict";
import fc from "fast-check";
import { formatProblems } from "../../../../plan/problem.ts";
import { config, owner, problemsOf, RUNS } from "./randomConfig.ts";
import { SPOILS } from "./spoils.ts";

describe("random topologies", function () {
    this.timeout(0); // it only computes: how long that takes says how busy the machine is

    it("that are spoilt are refused at the right key", () => {
        fc.assert(
            fc.property(
                config,
                owner,
                fc.constantFrom(...SPOILS),
                fc.nat(6),
                (config, owner, spoil, k) => {
                    const names = Object.keys(config.clusters);
                    const [spoilt, key] = spoil(config, names[k % names.length]!);
                    const problems = problemsOf(spoilt, owner);
                    const found = problems.filter((problem) => key.test(problem.key));
                    assert.ok(found.length > 0, formatProblems(problems));
                    for (const { reason, fix } of problems) {
                        assert.match(reason, /\.$/);
                        assert.doesNotMatch(reason + fix, /undefined|NaN|\[object/);
                    }
                },
            ),
            { numRuns: RUNS.problems },
        );
    });
});
