import { isDeepStrictEqual } from "node:util";
import { UNKNOWN } from "../../provider/resource.ts";
import type { ChangeKind, CheckFailure, Properties, Value } from "../../provider/resource.ts";

/** What a property's value may be; `name` ends the sentence "must be ...". Every shape lets unknown values pass. */
export interface Shape {
    name: string;
    fits(value: Value): boolean;
}

/** The inputs of a resource type, as far as its substitute supports them. */
export interface InputSchema {
    properties: Record<string, Shape>;
    required: string[];
    /** Properties whose change replaces the resource; a change of any other updates it. */
    replacing: string[];
    /** Lists in which order does not matter. */
    unordered: string[];
}

export const text: Shape = { name: "a string", fits: (value) => typeof value === "string" };

/** A name that stands before "=" on a command line. */
export const key: Shape = {
    name: "a string without =",
    fits: (value) => typeof value === "string" && !value.includes("="),
};

export const flag: Shape = {
    name: "true or false",
    fits: (value) => typeof value === "boolean" || value === UNKNOWN,
};

export const anything: Shape = { name: "any value", fits: () => true };

export function oneOf(...values: string[]): Shape {
    return {
        name: `one of ${values.join(", ")}`,
        fits: (value) => value === UNKNOWN || values.some((allowed) => allowed === value),
    };
}

export function listOf(element: Shape): Shape {
    return {
        name: `a list of which each element is ${element.name}`,
        fits: (value) =>
            value === UNKNOWN ||
            (Array.isArray(value) && value.every((inner) => element.fits(inner))),
    };
}

/** Names, each without "=", to strings. */
export const textMap: Shape = {
    name: "a map of strings whose keys have no =",
    fits: (value) =>
        value === UNKNOWN ||
        (isMap(value) &&
            Object.entries(value).every(([name, inner]) => key.fits(name) && text.fits(inner))),
};

export function record(required: Record<string, Shape>, optional: Record<string, Shape>): Shape {
    const shapes = { ...required, ...optional };
    return {
        name: `an object with ${Object.keys(required).join(" and ")}${list(" and perhaps ", Object.keys(optional))}`,
        fits: (value) =>
            value === UNKNOWN ||
            (isMap(value) &&
                Object.keys(required).every((name) => name in value) &&
                Object.entries(value).every(([name, inner]) => shapes[name]?.fits(inner))),
    };
}

/** The inputs without nulls, and what is wrong with them. */
export function checkInputs(
    schema: InputSchema,
    given: Properties,
): { inputs: Properties; failures: CheckFailure[] } {
    const inputs = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== null));
    const known = Object.keys(schema.properties);
    const failures: CheckFailure[] = [];
    for (const [property, value] of Object.entries(inputs)) {
        const shape = schema.properties[property];
        if (!shape) {
            const reason = `is not supported by the substitute, which knows ${known.join(", ")}: leave it out, or use the official plugin`;
            failures.push({ property, reason });
        } else if (!shape.fits(value)) {
            failures.push({ property, reason: `must be ${shape.name}` });
        }
    }
    for (const property of schema.required.filter((name) => inputs[name] === undefined)) {
        failures.push({ property, reason: "must be given: the substitute makes nothing up" });
    }
    return { inputs, failures };
}

/** How `inputs` differ from the recorded ones; the world is not asked. */
export function changesOf(
    schema: InputSchema,
    recorded: Properties,
    inputs: Properties,
): Record<string, ChangeKind> {
    const changes: Record<string, ChangeKind> = {};
    for (const name of Object.keys(schema.properties)) {
        const [old, now] = [recorded[name], inputs[name]].map((value) =>
            schema.unordered.includes(name) && Array.isArray(value) ? sorted(value) : value,
        );
        if (!isDeepStrictEqual(old, now)) {
            const kind = old === undefined ? "add" : now === undefined ? "delete" : "update";
            changes[name] = schema.replacing.includes(name) ? `${kind}-replace` : kind;
        }
    }
    return changes;
}

function sorted(values: Value[]): Value[] {
    const rank = (value: Value) =>
        JSON.stringify(isMap(value) ? Object.entries(value).sort() : value);
    return values.toSorted((left, right) => (rank(left) < rank(right) ? -1 : 1));
}

function isMap(value: Value): value is { [key: string]: Value } {
    return typeof value === "object" && value !== null && !Array.isArray(value);
}

function list(lead: string, names: string[]): string {
    return names.length > 0 ? `${lead}${names.join(", ")}` : "";
}
