import type { z } from "zod";
import { networkSchema } from "./networkSchema.ts";
import { nearest, problem, type Explanation, type Path, type Problem } from "../problem.ts";
import * as schema from "./schema.ts";

/** The sections of the configuration, each with the keys that it, or a part of it, knows. */
const KNOWN_KEYS = new Map<string, string[]>([
    ["clusters", Object.keys(schema.clusterSchema.shape)],
    ["networks", [...new Set(networkSchema.options.flatMap(({ shape }) => Object.keys(shape)))]],
    ["addresses", Object.keys(schema.addressesSchema.shape)],
    ["bridge", Object.keys(schema.bridgeSchema.shape)],
    ["demo", Object.keys(schema.demoSchema.shape)],
    ["images", Object.keys(schema.imagesSchema.shape)],
    ["runtime", []],
]);

/** The sections of the configuration. */
export const SECTIONS = [...KNOWN_KEYS.keys()];

/** The keys of parts of a cluster. */
const CLUSTER_PARTS = new Map([
    ["calico", Object.keys(schema.calicoSchema.shape)],
    ["cilium", Object.keys(schema.ciliumSchema.shape)],
]);

const NETWORK_KEYS = new Map<unknown, string[]>(
    networkSchema.options.map(({ shape }) => [shape.type.value, Object.keys(shape)]),
);

/** The keys that the part of the configuration at `path` knows; those of a network depend on its type. */
function keysAt(path: Path, part: unknown): string[] {
    const [section, , inner] = path.map(String);
    if (section === "clusters" && inner !== undefined) {
        return CLUSTER_PARTS.get(inner) ?? [];
    }
    const keys = section === "networks" && isMap(part) && NETWORK_KEYS.get(part.type);
    return keys || (KNOWN_KEYS.get(section!) ?? []);
}

/** What one could write, by the name of the key; shown where a value has the wrong type. */
const EXAMPLES = new Map([
    ["clusters", "{ edge1: {}, edge2: {} }"],
    ["networks", "{ data-plane: { type: ptp } }"],
    ["addresses", '{ pods: "10.64.0.0/10" }'],
    ["bridge", '{ subnet: "10.201.4.0/22" }'],
    ["demo", "{ deployments: 2 }"],
    ["images", '{ mirror: "registry.example.com:5000/mirror" }'],
    ["calico", "{ encapsulation: VXLAN }"],
    ["cilium", "{ values: {} }"],
    ["values", "{ resources: {} }"],
    ["wireguard", "true"],
    ["nodes", "3"],
    ["index", "3"],
    ["clusterPrefix", "16"],
    ["nodePrefix", "24"],
    ["mtu", "1500"],
    ["deployments", "2"],
    ["plain", "1"],
    ["memory", '"4GiB"'],
    ["podSubnet", '"10.65.0.0/16"'],
    ["serviceSubnet", '"10.129.0.0/16"'],
    ["cidr", '"172.16.0.0/12"'],
    ["pods", '"10.64.0.0/10"'],
    ["services", '"10.128.0.0/10"'],
    ["subnet", '"10.201.4.0/22"'],
    ["mirror", '"registry.example.com:5000/mirror"'],
    ["node", '"docker.io/kindest/node:v1.34.0"'],
    ["multus", '"ghcr.io/k8snetworkplumbingwg/multus-cni:v4.2.4"'],
    ["toolbox", '"docker.io/nicolaka/netshoot:v0.14"'],
    ["archives", '["./images/demo.tar"]'],
]);

/** The problems behind what the schema found at `path`. */
export function explain(issue: z.core.$ZodIssue, path: Path, value: unknown): Problem[] {
    const inside = issue.path.map((part) => (typeof part === "number" ? part : String(part)));
    const at = [...path, ...inside];
    const found = inside.reduce<unknown>((parent, part) => isParent(parent) && parent[part], value);
    switch (issue.code) {
        case "unrecognized_keys":
            return unknownKeys(at, issue.keys, found, keysAt(at, found));
        case "invalid_type":
            return [problem(at, found, wrongType(issue.expected, at, found))];
        case "invalid_value":
            return [problem(at, found, notOneOf(issue.values.map(String), at.at(-1), found))];
        case "invalid_union":
            return [problem(at, found, notOneOf(NETWORK_TYPES, at.at(-1), found))];
        default: {
            const fix: unknown = issue.code === "custom" ? issue.params?.fix : undefined;
            return [problem(at, found, { reason: issue.message, fix: String(fix) })];
        }
    }
}

/** Keys with which a part decides what others may be: with a problem in one of them it cannot be judged further. */
const DECISIVE = new Set([
    ...["index", "podSubnet", "serviceSubnet", "primary"],
    ...["type", "clusters", "cidr", "clusterPrefix", "nodePrefix", "ipam"],
    ...["pods", "services", "subnet", "deployments", "plain"],
]);

/** The keys to leave out so that the part has no problem; undefined if it then no longer says what was meant. */
export function spareKeys(
    issues: z.core.$ZodIssue[],
    path: Path,
    part: unknown,
): Set<string> | undefined {
    const faulty = issues.flatMap(({ path: [inside], ...issue }) =>
        inside === undefined && issue.code === "unrecognized_keys" ? issue.keys : String(inside),
    );
    const known = keysAt(path, part);
    const meant = faulty.map((key) => nearest(key, known) ?? key);
    return meant.some((key) => DECISIVE.has(key)) ? undefined : new Set(faulty);
}

const NETWORK_TYPES = networkSchema.options.map(({ shape }) => shape.type.value);

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
export function nothingIn(section: string): Explanation {
    return {
        reason: `There are no ${section}; a stack needs at least one.`,
        fix: `Name one, such as ${section}: ${EXAMPLES.get(section)}`,
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
    const example = exampleFor(path);
    return { reason, fix: `Write ${example ? `for example ${example}` : "text"}` };
}

/** Clusters and networks have names of their own choice. */
function exampleFor(path: Path): string | undefined {
    if (path.length === 2 && path[0] === "clusters") {
        return "{ nodes: 2 }";
    }
    if (path.length === 2 && path[0] === "networks") {
        return "{ type: ptp }";
    }
    if (path[0] === "networks" && path[2] === "clusters") {
        return "clusters: [edge1, edge2]";
    }
    const key = String(path.at(-1));
    return EXAMPLES.has(key) ? `${key}: ${EXAMPLES.get(key)}` : undefined;
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

function isParent(value: unknown): value is Record<string | number, unknown> {
    return typeof value === "object" && value !== null;
}
