import type { HelmValues } from "./plan.ts";

/** Values of a chart: ours over those of the user, map by map. Lists, and values of classes, are taken whole. */
export function merged(users: HelmValues, ours: HelmValues): HelmValues {
    const result = { ...users };
    for (const [key, value] of Object.entries(ours)) {
        const below = users[key];
        result[key] = isPlainMap(value) && isPlainMap(below) ? merged(below, value) : value;
    }
    return result;
}

/** Whether it is a map as configurations have them, and no list nor an object that is made later, such as an Output. */
export function isPlainMap(value: unknown): value is HelmValues {
    return (
        typeof value === "object" &&
        value !== null &&
        Object.getPrototypeOf(value) === Object.prototype
    );
}
