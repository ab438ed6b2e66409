import { blockCount, cidrOf, nthBlock, type Cidr } from "../cidr.ts";
import { problem, type Problem } from "../problem.ts";
import type { NetworkConfig, NetworkTopology } from "./networkType.ts";

/** How the range of a network comes to the nodes. */
export interface Division {
    /** What a node's part is called. */
    part: "slice" | "range";
    /** Whether the plan gives each node its part. */
    isPlanned: boolean;
    /** Whether something that runs gives nodes their parts. */
    isGiven: boolean;
    /** Prefix length of a node's part; undefined where nodes have none. */
    partPrefix(network: NetworkConfig): number | undefined;
    /** Node `ordinal` of cluster `index` has this part of it; undefined where the plan does not decide that. */
    partOf(network: NetworkTopology, index: number, ordinal: number): Cidr | undefined;
    /** Prefix length of each cluster's block of it; undefined where clusters have none. */
    blockPrefix(network: NetworkConfig): number | undefined;
    /** What is wrong with the sizes of its parts. `range` is undefined where it is unclear. */
    problems(name: string, network: NetworkConfig, range: string | undefined): Problem[];
    /** What of it the nodes of a cluster share, for how many that does, and what to change for more. */
    shared(network: NetworkConfig): { what: string; nodes: number; fix: string };
    /** Prefix length of the smallest range with room for so many clusters, or nodes of one cluster. */
    enough(network: object, clusters: number, nodes: number): number;
}

interface Pooled extends NetworkConfig {
    nodePrefix: number;
}

interface Sliced extends Pooled {
    clusterPrefix: number;
}

/** By the plan: slice `j` of block `i` for node `j` of cluster `i`. Slice 0 stays unused. */
export const slices: Division = {
    part: "slice",
    isPlanned: true,
    isGiven: false,

    partPrefix: ({ nodePrefix }: Sliced) => nodePrefix,

    partOf({ cidr, clusterPrefix, nodePrefix }: NetworkTopology<Sliced>, index, ordinal) {
        return nthBlock(nthBlock(cidrOf(cidr), clusterPrefix, index), nodePrefix, ordinal);
    },

    blockPrefix: ({ clusterPrefix }: Sliced) => clusterPrefix,

    problems(name, { clusterPrefix, nodePrefix }: Sliced, range) {
        const problems: Problem[] = [];
        if (range !== undefined && clusterPrefix < cidrOf(range).prefix) {
            problems.push(
                problem(["networks", name, "clusterPrefix"], clusterPrefix, {
                    reason: `A cluster's block of /${clusterPrefix} is larger than the whole network, ${range}.`,
                    fix: `Write a prefix length above ${cidrOf(range).prefix}, or a larger cidr.`,
                }),
            );
        }
        if (nodePrefix <= clusterPrefix) {
            problems.push(
                problem(["networks", name, "nodePrefix"], nodePrefix, {
                    reason: `A node's slice of /${nodePrefix} is no part of a cluster's block of /${clusterPrefix}: a longer prefix is a smaller range.`,
                    fix: `Write a nodePrefix above ${clusterPrefix}, or a shorter clusterPrefix.`,
                }),
            );
        }
        return problems;
    },

    shared({ clusterPrefix, nodePrefix }: Sliced) {
        return {
            what: `a cluster's block of /${clusterPrefix} has slices of /${nodePrefix}`,
            nodes: 2 ** (nodePrefix - clusterPrefix) - 1,
            fix: "give the network a shorter clusterPrefix or a longer nodePrefix",
        };
    },

    enough: ({ clusterPrefix }: { clusterPrefix: number }, clusters) =>
        prefixFor(clusters, clusterPrefix),
};

/** By what is installed in each cluster, which takes the whole range for a pool. */
export const pool: Division = {
    part: "range",
    isPlanned: false,
    isGiven: true,

    partPrefix: ({ nodePrefix }: Pooled) => nodePrefix,

    partOf: () => undefined,

    blockPrefix: () => undefined,

    problems(name, { nodePrefix }: Pooled, range) {
        if (range === undefined || nodePrefix > cidrOf(range).prefix) {
            return [];
        }
        return [
            problem(["networks", name, "nodePrefix"], nodePrefix, {
                reason: `A node's range of /${nodePrefix} is no part of the whole network, ${range}: a longer prefix is a smaller range.`,
                fix: `Write a nodePrefix above ${cidrOf(range).prefix}, or a larger cidr.`,
            }),
        ];
    },

    shared({ cidr, nodePrefix }: Pooled) {
        return {
            what: `the pool has ranges of /${nodePrefix}`,
            nodes: cidr === undefined ? 0 : blockCount(cidrOf(cidr), nodePrefix),
            fix: "give the network a larger cidr or a longer nodePrefix",
        };
    },

    enough: ({ nodePrefix }: { nodePrefix: number }, _, nodes) => prefixFor(nodes, nodePrefix),
};

/** Not at all: whoever attaches a pod says which address it gets. */
export const undivided: Division = {
    part: "range",
    isPlanned: false,
    isGiven: false,
    partPrefix: () => undefined,
    partOf: () => undefined,
    blockPrefix: () => undefined,
    problems: () => [],
    shared: () => ({ what: "", nodes: Infinity, fix: "" }),
    enough: ({ cidr }: { cidr?: string }) => (cidr === undefined ? 24 : cidrOf(cidr).prefix),
};

/** Prefix length of the smallest range that has so many blocks of a prefix length. */
export function prefixFor(blocks: number, prefix: number): number {
    return prefix - Math.ceil(Math.log2(blocks));
}
