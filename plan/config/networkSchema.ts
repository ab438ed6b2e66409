import { z } from "zod";
import { prefixLength, range, values, whole } from "./refine.ts";

/** MTU of the docker network that joins the nodes, in bytes. */
const BRIDGE_MTU = 1500;

/** What VXLAN puts in front of every packet, in bytes. */
const VXLAN_HEADER = 50;

/** An integer of bytes, at most and by default what the pods' way carries. */
function mtuUpTo(most: number, because: string) {
    return whole(576, most, `IPv4 promises 576 bytes everywhere, and ${because}`).default(most);
}

const membership = {
    /**
     * Logical names of the clusters that join it.
     * @default all clusters of the stack
     * @example ["edge1"]
     */
    clusters: z.array(z.string()).optional(),
};

/** What a network has of which each node gets a slice: slice `j` of block `i` for node `j` of cluster `i`. */
const sliced = {
    ...membership,
    /**
     * Range of the whole network, IPv4. At most one network may leave it out.
     * @default "10.0.0.0/10"
     * @example "172.16.0.0/12"
     */
    cidr: range.optional(),
    /**
     * Prefix length of the block that each cluster gets.
     * @default 16
     * @example 20
     */
    clusterPrefix: prefixLength.default(16),
    /**
     * Prefix length of the slice that each node gets from its cluster's block.
     * @default 24
     * @example 26
     */
    nodePrefix: prefixLength.default(24),
    /**
     * MTU of the pods' interfaces in bytes, 576 to 1500.
     * @default 1500
     * @example 1400
     */
    mtu: mtuUpTo(BRIDGE_MTU, `the docker network between the nodes carries ${BRIDGE_MTU}`),
};

/** A network of point-to-point links: every pod has one to its node, and nodes route between each other. */
const ptpSchema = z.strictObject({
    /**
     * Kind of network.
     * @example ptp
     */
    type: z.literal("ptp"),
    ...sliced,
    /**
     * How nodes find each other's slices. `table`: every node has one route per slice of every other node.
     * @default table
     */
    routing: z.enum(["table"]).default("table"),
});

/** A Linux bridge on every node: its pods share a layer 2, and nodes route between each other. */
const bridgeSchema = z.strictObject({ type: z.literal("bridge"), ...sliced });

/** One layer 2 over all nodes: every pod has an interface on the docker network itself. */
const macvlanSchema = z.strictObject({
    type: z.literal("macvlan"),
    ...sliced,
    /**
     * Range of the whole network, IPv4. Required.
     * @example "10.16.0.0/16"
     */
    cidr: range.optional(),
    /**
     * Prefix length of the block that each cluster gets.
     * @default 20
     */
    clusterPrefix: prefixLength.default(20),
    /**
     * Who gives pods their addresses. `host-local`: their node, from its slice. `static`: the plan, so that a demo pod
     * keeps its address; pods of your own state theirs in the annotation.
     * @default host-local
     * @example static
     */
    ipam: z.enum(["host-local", "static"]).default("host-local"),
});

/** Cilium beside the primary network: an overlay of its own in every cluster that joins. */
const ciliumSchema = z.strictObject({
    type: z.literal("cilium"),
    ...membership,
    /**
     * Range of the whole network, IPv4. Required, since Cilium's own default overlaps with nearly everything.
     * @example "10.245.0.0/16"
     */
    cidr: range.optional(),
    /**
     * Prefix length of the range that Cilium gives each node.
     * @default 24
     * @example 26
     */
    nodePrefix: prefixLength.default(24),
    /**
     * MTU of the pods' routes in bytes, 576 to 1450.
     * @default 1450
     * @example 1400
     */
    mtu: mtuUpTo(
        BRIDGE_MTU - VXLAN_HEADER,
        `of the ${BRIDGE_MTU} that the docker network between the nodes carries VXLAN takes ${VXLAN_HEADER}`,
    ),
    /**
     * Overrides of the Cilium chart's values, where they are not part of what makes it a secondary network.
     * @default {}
     * @example { debug: { enabled: true } }
     */
    values,
});

/** One extra network, under its name, which pods write in the annotation `k8s.v1.cni.cncf.io/networks`. */
export const networkSchema = z.discriminatedUnion("type", [
    ptpSchema,
    bridgeSchema,
    macvlanSchema,
    ciliumSchema,
]);

export type NetworkConfig = z.output<typeof networkSchema>;

export type CiliumConfig = Extract<NetworkConfig, { type: "cilium" }>;

/** A network of which each node has a slice by the plan. */
export type SlicedConfig = Exclude<NetworkConfig, { type: "cilium" }>;

export function isSliced<T extends { type: NetworkConfig["type"] }>(
    network: T,
): network is Exclude<T, { type: "cilium" }> {
    return network.type !== "cilium";
}

/** Whether nodes have routes to each other's slices. */
export function isRouted(type: NetworkConfig["type"]): boolean {
    return type === "ptp" || type === "bridge";
}
