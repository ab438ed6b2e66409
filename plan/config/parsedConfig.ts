import type { z } from "zod";
import { clusterName, networkName, type Check } from "./fields.ts";
import { explain, isMap, nothingIn, spareKeys, unknownKeys, wrongType } from "./explain.ts";
import { SECTIONS } from "./sections.ts";
import type { NetworkConfig } from "../networks/networkType.ts";
import { networkSchema } from "../networks/types.ts";
import { problem, type Path, type Problem } from "../problem.ts";
import * as schema from "./schema.ts";

/** The stack's configuration as it was written: anything may be there. */
export type RawConfig = Readonly<Record<string, unknown>>;

/**
 * What of a stack's configuration is well-formed, with defaults filled in, so that all problems can be named at once. A
 * cluster or network whose addresses are unclear is left out, any other such section is undefined.
 */
export interface ParsedConfig {
    /** Names of all clusters that are written, well-formed or not. */
    clusterNames: string[];
    clusters: Map<string, schema.ClusterConfig>;
    networks: Map<string, NetworkConfig>;
    addresses: schema.AddressesConfig | undefined;
    bridge: schema.BridgeConfig | undefined;
    demo: schema.DemoConfig | undefined;
    images: schema.ImagesConfig | undefined;
    runtime: schema.Runtime | undefined;
}

/** A configuration in which every section is well-formed. */
export type StackConfig = { [Section in keyof ParsedConfig]: NonNullable<ParsedConfig[Section]> };

/** Reads every section alone and names every problem that shows in a single value. */
export function parseConfig(raw: RawConfig): { parsed: ParsedConfig; problems: Problem[] } {
    const problems: Problem[] = unknownKeys([], Object.keys(raw), raw, SECTIONS);

    function read<T>(type: z.ZodType<T>, path: Path, value: unknown): T | undefined {
        const result = type.safeParse(value);
        if (result.success) {
            return result.data;
        }
        problems.push(...result.error.issues.flatMap((issue) => explain(issue, path, value)));
        if (!isMap(value)) {
            return undefined;
        }
        const spare = spareKeys(result.error.issues, path, value);
        if (!spare) {
            return undefined;
        }
        const rest = Object.entries(value).filter(([key]) => !spare.has(key));
        return type.safeParse(Object.fromEntries(rest)).data;
    }

    function readMap<T>(
        section: "clusters" | "networks",
        fallback: object,
        type: z.ZodType<T>,
        name: Check<string>,
    ) {
        const value = raw[section] ?? fallback;
        const entries = new Map<string, T>();
        if (!isMap(value)) {
            problems.push(problem([section], value, wrongType("object", [section], value)));
            return entries;
        }
        for (const [key, item] of Object.entries(value)) {
            const explanation = name(key);
            if (explanation) {
                problems.push(problem([section, key], key, explanation));
            }
            const entry = read(type, [section, key], item ?? {});
            if (entry) {
                entries.set(key, entry);
            }
        }
        if (Object.keys(value).length === 0) {
            problems.push(problem([section], raw[section], nothingIn(section)));
        }
        return entries;
    }

    const parsed = {
        clusterNames: isMap(raw.clusters) ? Object.keys(raw.clusters) : [],
        clusters: readMap("clusters", {}, schema.clusterSchema(), clusterName),
        networks: readMap("networks", DEFAULT_NETWORKS, networkSchema(), networkName),
        addresses: read(schema.addressesSchema, ["addresses"], raw.addresses ?? {}),
        bridge: read(schema.bridgeSchema, ["bridge"], raw.bridge ?? {}),
        demo: read(schema.demoSchema, ["demo"], raw.demo ?? {}),
        images: read(schema.imagesSchema, ["images"], raw.images ?? {}),
        runtime: read(schema.runtimeSchema, ["runtime"], raw.runtime ?? "docker"),
    };
    return { parsed, problems };
}

/** The extra networks of a stack that names none. */
export const DEFAULT_NETWORKS = { "data-plane": { type: "ptp" } };
