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

/**
 * The topology that a stack's configuration describes, or all that is wrong with it and, if there is any, the topology of
 * what is sound of it. Never throws.
 */
export function validateConfig(
    raw: RawConfig,
    owner: Owner,
): { topology: Topology } | { problems: Problem[]; sound: Topology | undefined } {
    const { parsed, problems } = parseConfig(raw);
    problems.push(...ruleProblems(parsed, owner));
    if (problems.length > 0) {
        return { problems, sound: soundPart(parsed, owner) };
    }
    // Without problems every section is there.
    return { topology: topologyOf(parsed as StackConfig, owner) };
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

/**
 * What is left without each cluster and each network that adds a problem, and with the default for a section that is not
 * well-formed. Undefined if problems remain.
 */
function soundPart(parsed: ParsedConfig, owner: Owner): Topology | undefined {
    const fallback = parseConfig({}).parsed;
    const sound = {
        clusterNames: parsed.clusterNames,
        clusters: new Map(parsed.clusters),
        networks: new Map(parsed.networks),
        addresses: parsed.addresses ?? fallback.addresses,
        bridge: parsed.bridge ?? fallback.bridge,
        demo: parsed.demo ?? fallback.demo,
        images: parsed.images ?? fallback.images,
        runtime: parsed.runtime ?? fallback.runtime,
    };
    let count = ruleProblems(sound, owner).length;
    for (const entries of [sound.clusters, sound.networks] as Map<string, unknown>[]) {
        for (const [name, entry] of [...entries]) {
            if (count === 0) {
                break;
            }
            entries.delete(name);
            const left = ruleProblems(sound, owner).length;
            if (left < count) {
                count = left;
            } else {
                entries.set(name, entry);
            }
        }
    }
    if (count > 0 || sound.clusters.size === 0) {
        return undefined;
    }
    return topologyOf(sound as StackConfig, owner);
}
