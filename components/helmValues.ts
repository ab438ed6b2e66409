import * as pulumi from "@pulumi/pulumi";
import type { HelmValues } from "../plan/plan.ts";

/** Values of a chart: ours over those of the user, map by map. Lists are taken whole. */
export function merged(users: HelmValues, ours: HelmValues): HelmValues {
    const result = { ...users };
    for (const [key, value] of Object.entries(ours)) {
        const below = users[key];
        result[key] = isMap(value) && isMap(below) ? merged(below, value) : value;
    }
    return result;
}

/** The same values, of which nobody sees more than the keys: not in the state, in a preview or in a message. */
export function secret(values: HelmValues): HelmValues {
    return Object.fromEntries(
        Object.entries(values).map(([key, value]) => [
            key,
            isMap(value) ? secret(value) : pulumi.secret(value),
        ]),
    );
}

function isMap(value: unknown): value is HelmValues {
    return (
        typeof value === "object" &&
        value !== null &&
        !Array.isArray(value) &&
        !pulumi.Output.isInstance(value)
    );
}
