import type { z } from "zod";
import { NETWORK_TYPES } from "../networks/types.ts";
import {
    isParent,
    nearest,
    problem,
    type Explanation,
    type Path,
    type Problem,
} from "../problem.ts";
import { EXAMPLES, exampleAt, keyTextAt, shapeAt } from "./sections.ts";

/** The problems behind what the schema found at `path`. */
export function explain(issue: z.core.$ZodIssue, path: Path, value: unknown): Problem[] {
    const inside = issue.path.map((part) => (typeof part === "number" ? part : String(part)));
    const at = [...path, ...inside];
    const found = inside.reduce<unknown>((parent, part) => isParent(parent) && parent[part], value);
    switch (issue.code) {
        case "unrecognized_keys":
            return unknownKeys(at, issue.keys, found, Object.keys(shapeAt(at, found)));
        case "invalid_type":
            return [problem(at, found, wrongType(issue.expected, at, found))];
        case "invalid_value":
            return [problem(at, found, notOneOf(issue.values.map(String), at.at(-1), found))];
        case "invalid_union":
            return [
                problem(
                    at,
                    found,
                    notOneOf(
                        NETWORK_TYPES.map(({ name }) => name),
                        at.at(-1),
                        found,
                    ),
                ),
            ];
        default: {
            const fix: unknown = issue.code === "custom" ? issue.params?.fix : undefined;
            return [problem(at, found, { reason: issue.message, fix: String(fix) })];
        }
    }
}

/** The keys to leave out so that the part has no problem; undefined if it then no longer says what was meant. */
export function spareKeys(
    issues: z.core.$ZodIssue[],
    path: Path,
    part: unknown,
): Set<string> | undefined {
    const faulty = issues.flatMap(({ path: [inside], ...issue }) =>
        inside === undefined && issue.code === "unrecognized_keys" ? issue.keys : String(inside),
    );
    const known = Object.keys(shapeAt(path, part));
    const meant = faulty.map((key) => nearest(key, known) ?? key);
    const decides = meant.some((key) => keyTextAt(path, key, part)?.decides);
    return decides ? undefined : new Set(faulty);
}

export function unknownKeys(
    path: Path,
    keys: string[],
    parent: unknown,
    known: string[],
): Problem[] {
    return keys
        .filter((key) => !known.includes(key))
        .map((key) => {
            const meant = nearest(key, known);
            return problem([...path, key], isParent(parent) ? parent[key] : undefined, {
                reason: `There is no key "${key}" here${meant ? `; "${meant}" was probably meant` : ""}.`,
                fix: `${meant ? `Rename it to "${meant}", or remove it` : "Remove it"}. Known keys: ${known.join(", ")}.`,
            });
        });
}

/** For a section that must not be empty. */
export function nothingIn(section: "clusters" | "networks"): Explanation {
    return {
        reason: `There are no ${section}; a stack needs at least one.`,
        fix: `Name one, such as ${section}: ${EXAMPLES[section].whole}`,
    };
}

const EXPECTED = new Map([
    ["number", "an integer"],
    ["string", "text"],
    ["object", "a map of keys and values"],
    ["record", "a map of keys and values"],
    ["array", "a list"],
    ["boolean", "true or false"],
]);

export function wrongType(expected: string, path: Path, found: unknown): Explanation {
    const reason = `This must be ${EXPECTED.get(expected) ?? expected}, but it is ${describe(found)}.`;
    const key = String(path.at(-1));
    if (expected === "number" && typeof found === "string" && /^\d+$/.test(found)) {
        return { reason, fix: `Write it without quotes: ${key}: ${found}` };
    }
    const example = exampleAt(path);
    return { reason, fix: `Write ${example ? `for example ${example}` : "text"}` };
}

function notOneOf(
    known: readonly string[],
    key: string | number | undefined,
    found: unknown,
): Explanation {
    const meant = typeof found === "string" ? nearest(found, known) : undefined;
    return {
        reason:
            found === undefined
                ? `The key "${key}" is missing.`
                : `This is none of the known choices: ${known.join(", ")}.`,
        fix: `Write ${key}: ${meant ?? known.join(" or ")}.`,
    };
}

function describe(value: unknown): string {
    if (value === null) {
        return "empty";
    }
    if (Array.isArray(value)) {
        return "a list";
    }
    if (typeof value === "object") {
        return "a map of keys and values";
    }
    if (typeof value === "string") {
        return "text";
    }
    return typeof value === "number" ? "a number" : "true or false";
}

export function isMap(value: unknown): value is Record<string, unknown> {
    return isParent(value) && !Array.isArray(value);
}
