import { reservedValueProblems } from "../rules/reservedHelmValues.ts";
import { demoProblems } from "../rules/demoCapacity.ts";
import {
    parseConfig,
    type ParsedConfig,
    type RawConfig,
    type StackConfig,
} from "./parsedConfig.ts";
import { indexProblems } from "../rules/indexes.ts";
import { membershipProblems } from "../rules/membership.ts";
import type { Owner } from "../names.ts";
import { matrixProblems } from "../rules/matrixSize.ts";
import { overlapProblems } from "../rules/overlaps.ts";
import type { Problem } from "../problem.ts";
import { capacityProblems } from "../rules/capacity.ts";
import { topologyOf, type Topology } from "./topology.ts";

/** The topology that a stack's configuration describes, or all that is wrong with it. Never throws. */
export function validateConfig(
    raw: RawConfig,
    owner: Owner,
): { topology: Topology } | { problems: Problem[] } {
    const { parsed, problems } = parseConfig(raw);
    problems.push(...ruleProblems(parsed, owner));
    // Without problems every section is there.
    return problems.length > 0
        ? { problems }
        : { topology: topologyOf(parsed as StackConfig, owner) };
}

/** Every problem that shows only when the sections are put together. */
function ruleProblems(parsed: ParsedConfig, owner: Owner): Problem[] {
    return [
        ...membershipProblems(parsed),
        ...reservedValueProblems(parsed),
        ...indexProblems(parsed),
        ...capacityProblems(parsed, owner),
        ...demoProblems(parsed),
        ...matrixProblems(parsed),
        ...overlapProblems(parsed, owner),
    ];
}
