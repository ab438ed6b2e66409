import { valuesProblems } from "../rules/decidedValues.ts";
import { demoProblems } from "../rules/demoRoom.ts";
import { readDraft, type Draft, type RawConfig, type StackConfig } from "./draft.ts";
import { indexProblems } from "../rules/indexes.ts";
import { joiningProblems } from "../rules/joining.ts";
import type { Owner } from "../names.ts";
import { matrixProblems } from "../rules/matrixSize.ts";
import { overlapProblems } from "../rules/overlaps.ts";
import type { Problem } from "../problem.ts";
import { roomProblems } from "../rules/room.ts";
import { topologyOf, type Topology } from "./topology.ts";

/**
 * The topology that a stack's configuration describes, or all that is wrong with it and, if there is any, the topology of
 * what is sound of it. Never throws.
 */
export function validateConfig(
    raw: RawConfig,
    owner: Owner,
): { topology: Topology } | { problems: Problem[]; sound: Topology | undefined } {
    const { draft, problems } = readDraft(raw);
    problems.push(...draftProblems(draft, owner));
    if (problems.length > 0) {
        return { problems, sound: soundPart(draft, owner) };
    }
    // Without problems every section is there.
    return { topology: topologyOf(draft as StackConfig, owner) };
}

/** Every fault that shows only when the sections are put together. */
function draftProblems(draft: Draft, owner: Owner): Problem[] {
    return [
        ...joiningProblems(draft),
        ...valuesProblems(draft),
        ...indexProblems(draft),
        ...roomProblems(draft, owner),
        ...demoProblems(draft),
        ...matrixProblems(draft),
        ...overlapProblems(draft, owner),
    ];
}

/**
 * What is left without each cluster and each network that adds a fault, and with the default for a section that is not
 * well-formed. Undefined if faults remain.
 */
function soundPart(draft: Draft, owner: Owner): Topology | undefined {
    const fallback = readDraft({}).draft;
    const sound = {
        clusterNames: draft.clusterNames,
        clusters: new Map(draft.clusters),
        networks: new Map(draft.networks),
        addresses: draft.addresses ?? fallback.addresses,
        bridge: draft.bridge ?? fallback.bridge,
        demo: draft.demo ?? fallback.demo,
        images: draft.images ?? fallback.images,
        runtime: draft.runtime ?? fallback.runtime,
    };
    let faults = draftProblems(sound, owner).length;
    for (const entries of [sound.clusters, sound.networks] as Map<string, unknown>[]) {
        for (const [name, entry] of [...entries]) {
            if (faults === 0) {
                break;
            }
            entries.delete(name);
            const left = draftProblems(sound, owner).length;
            if (left < faults) {
                faults = left;
            } else {
                entries.set(name, entry);
            }
        }
    }
    if (faults > 0 || sound.clusters.size === 0) {
        return undefined;
    }
    return topologyOf(sound as StackConfig, owner);
}
