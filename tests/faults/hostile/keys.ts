import { z } from "zod";
import { NETWORK_TYPES, sectionOf } from "../../../plan/networks/types.ts";
import * as schema from "../../../plan/config/schema.ts";

type Json = { [key: string]: Json } | Json[] | string | number | boolean | null;

/** Where a text may be written, as the way to it in a configuration. */
export type Way = (string | number)[];

/** Sections that hold something under names of the user's. */
const NAMED = { clusters: schema.clusterSchema() };
const SECTIONS = {
    addresses: schema.addressesSchema,
    bridge: schema.bridgeSchema,
    demo: schema.demoSchema,
    images: schema.imagesSchema,
    runtime: schema.runtimeSchema,
};

/** Every key of the configuration that takes a text, by its schema: none can be forgotten. */
export function stringKeys(): Way[] {
    const of = (type: z.ZodType, base: Way) => waysIn(jsonSchema(type), base);
    return [
        ...Object.entries(NAMED).flatMap(([section, type]) => of(type, [section, "edge1"])),
        ...NETWORK_TYPES.flatMap((type) => of(sectionOf(type), ["networks", `net-${type.name}`])),
        ...Object.entries(SECTIONS).flatMap(([section, type]) => of(type, [section])),
    ];
}

function jsonSchema(type: z.ZodType): Json {
    return z.toJSONSchema(type, { io: "input", unrepresentable: "any" }) as Json;
}

function waysIn(node: Json, way: Way): Way[] {
    if (typeof node !== "object" || node === null || Array.isArray(node)) {
        return [];
    }
    const { properties, items, additionalProperties, type, enum: choices } = node;
    const const_ = node["const"];
    if (type === "string" || choices !== undefined || const_ !== undefined) {
        return [way];
    }
    const deeper = [
        ...Object.entries((properties as Record<string, Json> | undefined) ?? {}).map(
            ([key, value]) => waysIn(value, [...way, key]),
        ),
        ...(items === undefined ? [] : [waysIn(items, [...way, 0])]),
        // Anything may be under a key of the user's, such as Helm's values.
        ...(typeof additionalProperties === "object" ? [[[...way, "key"]]] : []),
        ...["anyOf", "oneOf", "allOf"].map((name) =>
            Array.isArray(node[name]) ? node[name].flatMap((one) => waysIn(one, way)) : [],
        ),
    ];
    return deeper.flat();
}
