import type { z } from "zod";
import { NETWORK_TYPES, sectionOf } from "../networks/types.ts";
import { PRIMARY_TYPES } from "../primaries/types.ts";
import { isParent, type Path } from "../problem.ts";
import { textOf, type KeyText } from "./key.ts";
import * as schema from "./schema.ts";

/** The sections of the configuration, each with an example of it and of what it holds under names of its own. */
export const EXAMPLES = {
    clusters: { whole: "{ edge1: {}, edge2: {} }", part: "{ nodes: 2 }" },
    networks: { whole: "{ data-plane: { type: ptp } }", part: "{ type: ptp }" },
    addresses: { whole: '{ pods: "10.64.0.0/10" }' },
    bridge: { whole: '{ subnet: "10.201.4.0/22" }' },
    demo: { whole: "{ deployments: 2 }" },
    images: { whole: '{ mirror: "registry.example.com:5000/mirror" }' },
    runtime: {},
} satisfies Record<string, { whole?: string; part?: string }>;

export const SECTIONS = Object.keys(EXAMPLES);

/** The keys that the part of the configuration at `path` knows; those of a network depend on its type. */
export function shapeAt(path: Path, part: unknown): z.core.$ZodLooseShape {
    const [section, , inner] = path.map(String);
    if (section === "clusters") {
        const type = PRIMARY_TYPES.find(({ name }) => name === inner);
        return inner === undefined ? schema.clusterSchema().shape : (type?.keys ?? {});
    }
    if (section === "networks") {
        const type = isParent(part) ? part["type"] : undefined;
        const known = NETWORK_TYPES.filter(({ name }) => name === type);
        const types = known.length > 0 ? known : NETWORK_TYPES;
        return Object.assign({}, ...types.map((type) => sectionOf(type).shape)) as z.ZodRawShape;
    }
    return WITHOUT_NAMES.get(section!)?.shape ?? {};
}

/** Sections whose keys are not the user's own names. */
const WITHOUT_NAMES = new Map<string, z.ZodObject>([
    ["addresses", schema.addressesSchema],
    ["bridge", schema.bridgeSchema],
    ["demo", schema.demoSchema],
    ["images", schema.imagesSchema],
]);

/** What is declared of the key `name` of the part at `path`. */
export function keyTextAt(path: Path, name: string, part?: unknown): KeyText | undefined {
    const shape = shapeAt(path, part);
    return Object.hasOwn(shape, name) ? textOf(shape[name] as z.ZodType) : undefined;
}

/** What one could write at `path`, with its key. */
export function exampleAt(path: Path): string | undefined {
    const [section] = path.map(String);
    const examples: { whole?: string; part?: string } | undefined = Object.hasOwn(
        EXAMPLES,
        section!,
    )
        ? EXAMPLES[section as keyof typeof EXAMPLES]
        : undefined;
    if (path.length === 1) {
        return examples?.whole && `${section}: ${examples.whole}`;
    }
    if (path.length === 2 && examples?.part) {
        return examples.part;
    }
    const key = String(path.at(-1));
    const example = keyTextAt(path.slice(0, -1), key)?.example;
    return example && `${key}: ${example}`;
}
