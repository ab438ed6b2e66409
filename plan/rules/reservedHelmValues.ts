import type { ParsedConfig } from "../config/parsedConfig.ts";
import { settingsOf } from "../config/schema.ts";
import { typeOf } from "../networks/types.ts";
import { PRIMARY_TYPES } from "../primaries/types.ts";
import { isMap } from "../config/explain.ts";
import type { HelmValues } from "../plan.ts";
import { problem, type Path, type Problem } from "../problem.ts";

/** Values of a chart that multinet fixes, and why. */
export interface ReservedValues {
    /** Paths into the values; whatever lies below is fixed as well. */
    keys: string[];
    why: string;
    /** The key of the configuration that is to be set instead. */
    instead?: string;
}

/** A problem for every override of a chart's values that multinet fixes. */
export function reservedValueProblems({ clusters, networks }: ParsedConfig): Problem[] {
    return [
        ...[...clusters].flatMap(([name, cluster]) =>
            PRIMARY_TYPES.flatMap((type) =>
                overridden(
                    ["clusters", name, type.name, "values"],
                    settingsOf(cluster, type),
                    type.reservedValues,
                ),
            ),
        ),
        ...[...networks].flatMap(([name, network]) =>
            overridden(["networks", name, "values"], network, typeOf(network).reservedValues),
        ),
    ];
}

function overridden(path: Path, section: object = {}, reserved: ReservedValues[] = []): Problem[] {
    const { values = {} } = section as { values?: HelmValues };
    const refusals = new Map<string, Problem>();
    for (const { keys, why, instead } of reserved) {
        for (const key of keys) {
            const inside = key.split(".");
            const found = lookUp(values, inside);
            if (!found) {
                continue;
            }
            const whole = found.path.length === inside.length;
            const refusal = problem([...path, ...found.path], found.value, {
                reason: whole
                    ? `${key} is fixed by multinet: ${why}.`
                    : `${key} is fixed by multinet, so this must be a map.`,
                fix: `Remove it${whole && instead ? `, and set ${instead} instead` : ""}.`,
            });
            if (!refusals.has(refusal.key)) {
                refusals.set(refusal.key, refusal);
            }
        }
    }
    return [...refusals.values()];
}

/** What is written at a path; or above it, where something else than a map stands in its way. */
function lookUp(values: HelmValues, path: string[]) {
    let value: unknown = values;
    for (const [i, key] of path.entries()) {
        if (!isMap(value)) {
            return { path: path.slice(0, i), value };
        }
        if (!Object.hasOwn(value, key)) {
            return undefined;
        }
        value = value[key];
    }
    return { path, value };
}
