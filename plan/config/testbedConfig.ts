import type { z } from "zod";
import type * as schema from "./schema.ts";

/** What describes a testbed: the keys of a stack file (docs/configuration.md), without the prefix `multinet:`. */
export interface TestbedConfig {
    /** By logical name, such as `edge1`. */
    clusters: Record<string, ClusterSection>;
    /** By name. Left out, there is one: `data-plane: { type: ptp }`. */
    networks?: Record<string, NetworkSection>;
    addresses?: z.input<typeof schema.addressesSchema>;
    bridge?: z.input<typeof schema.bridgeSchema>;
    demo?: z.input<typeof schema.demoSchema>;
    images?: z.input<typeof schema.imagesSchema>;
    /** @default docker */
    runtime?: schema.Runtime;
}

type ClusterSection = z.input<ReturnType<typeof schema.clusterSchema>> & {
    /** What its own network knows besides, under that network's name. */
    [primary: string]: unknown;
};

interface NetworkSection {
    /** `ptp`, `bridge`, `macvlan` ... */
    type: string;
    cidr?: string;
    /** Names of the clusters that join it; all where it is left out. */
    clusters?: string[];
    /** What its type knows besides. */
    [key: string]: unknown;
}
