import type { HelmValues } from "./topology/plan.ts";

/** Values of a chart: ours over those of the user, map by map. Lists are taken whole. */
export function merged(users: HelmValues, ours: HelmValues): HelmValues {
    const result = { ...users };
    for (const [key, value] of Object.entries(ours)) {
        const below = users[key];
        result[key] = isMap(value) && isMap(below) ? merged(below, value) : value;
    }
    return result;
}

function isMap(value: unknown): value is HelmValues {
    return typeof value === "object" && value !== null && !Array.isArray(value);
}
