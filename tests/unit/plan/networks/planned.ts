import assert from "node:assert/strict";
import { validateConfig } from "../../../../plan/config/validate.ts";
import { planTopology } from "../../../../plan/planTopology.ts";
import { formatProblems } from "../../../../plan/problem.ts";

const OWNER = { project: "multinet", stack: "unit" };

/** The plan of two clusters of one node with these extra networks. */
export function planned(networks: object) {
    const result = validateConfig({ clusters: { edge1: {}, edge2: {} }, networks }, OWNER);
    if ("problems" in result) {
        assert.fail(formatProblems(result.problems));
    }
    return planTopology(result.topology, OWNER);
}

/** What is wrong with such a stack. */
export function problemsOf(networks: object) {
    const result = validateConfig({ clusters: { edge1: {}, edge2: {} }, networks }, OWNER);
    return "problems" in result ? result.problems : [];
}
