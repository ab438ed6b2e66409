import { blockCount, cidrOf, formatCidr, nthBlock, type Cidr } from "../cidr.ts";
import { isDefaultPool, type Topology } from "../config/topology.ts";
import { prefixFor } from "../networks/division.ts";
import { typeOf } from "../networks/types.ts";
import type { Path } from "../problem.ts";

/** A key of the configuration that holds a range, or has one by default. */
export interface RangeKey {
    path: Path;
    /** What the range is for, such as `network "data-plane"`. */
    what: string;
    /** The whole range. */
    range: Cidr;
    /** What of it must be nobody else's. */
    claims: Cidr[];
    /** Prefix lengths that would do: as today, with room for the clusters of `EIGHT`, with room for today's. */
    prefixes: { same: number; eight: number; today: number };
    isBridge?: boolean;
}

/** Blocks of a stack that has grown to eight clusters, `edge1` to `edge8`: a cluster's index counts from 0. */
const EIGHT = 9;

/**
 * Every key with a range. The pool of primary ranges that a stack has by default is claimed with what a stack of eight
 * clusters takes of it, if that is asked for, and otherwise, like any pool, with the blocks of the clusters.
 */
export function rangeKeys(topology: Topology, claimed: "eight" | "today"): RangeKey[] {
    const { bridge, networks, clusters } = topology;
    const blocks = Math.max(...clusters.map(({ index }) => index)) + 1;
    const nodes = Math.max(2, ...clusters.map(({ nodes }) => nodes));
    return [
        {
            ...whole(["bridge", "subnet"], "the docker network of the stack", bridge.subnet),
            isBridge: true,
        },
        ...networks.map((network) => {
            const key = whole(
                ["networks", network.name, "cidr"],
                `network "${network.name}"`,
                network.cidr,
            );
            const enough = (blocks: number) =>
                typeOf(network).division.enough(network, blocks, nodes);
            return { ...key, prefixes: prefixesOf(key.range, blocks, enough) };
        }),
        ...(["pods", "services"] as const).flatMap((kind) => [
            poolKey(topology, kind, blocks, claimed === "eight" ? EIGHT : 0),
            ...clusters
                .filter((cluster) => !isBlock(topology, kind, cluster))
                .map((cluster) =>
                    whole(
                        ["clusters", cluster.name, PRIMARY[kind].key],
                        `the ${PRIMARY[kind].noun} of cluster "${cluster.name}"`,
                        cluster[PRIMARY[kind].key],
                    ),
                ),
        ]),
    ];
}

/** What a cluster has of each pool. */
const PRIMARY = {
    pods: { key: "podSubnet", noun: "pod subnet" },
    services: { key: "serviceSubnet", noun: "service subnet" },
} as const;

type Kind = keyof typeof PRIMARY;

/** A key whose range is one: its size has nothing to do with how many clusters there are. */
function whole(path: Path, what: string, text: string): RangeKey {
    const range = cidrOf(text);
    const { prefix } = range;
    const prefixes = { same: prefix, eight: prefix, today: prefix };
    return { path, what, range, claims: [range], prefixes };
}

/** The key of the blocks from which clusters take a range; so many are claimed of a pool that is there by default. */
function poolKey({ addresses, clusters }: Topology, kind: Kind, blocks: number, reserve: number) {
    const { [kind]: text, clusterPrefix } = addresses;
    const range = cidrOf(text);
    const block = (n: number) => nthBlock(range, clusterPrefix, n);
    const used = clusters
        .filter((cluster) => isBlock({ addresses }, kind, cluster))
        .map(({ index }) => index);
    const reserved = isDefaultPool(kind, text)
        ? Math.min(reserve, blockCount(range, clusterPrefix))
        : 0;
    return {
        path: ["addresses", kind],
        what: `the ${PRIMARY[kind].noun}s of the clusters`,
        range,
        claims:
            used.length > 0 ? [...new Set([...used, ...Array(reserved).keys()])].map(block) : [],
        prefixes: prefixesOf(range, blocks, (blocks) => prefixFor(blocks, clusterPrefix)),
    };
}

/** Whether a cluster's range is its block of the pool. */
function isBlock(
    { addresses }: Pick<Topology, "addresses">,
    kind: Kind,
    { index, [PRIMARY[kind].key]: subnet }: Topology["clusters"][number],
): boolean {
    const pool = cidrOf(addresses[kind]);
    const { clusterPrefix } = addresses;
    return (
        index < blockCount(pool, clusterPrefix) &&
        subnet === formatCidr(nthBlock(pool, clusterPrefix, index))
    );
}

/** The prefix lengths of a range of blocks, none larger than it is today. */
function prefixesOf(
    { prefix: same }: Cidr,
    blocks: number,
    enough: (blocks: number) => number,
): RangeKey["prefixes"] {
    return {
        same,
        eight: Math.max(same, enough(Math.max(EIGHT, blocks))),
        today: Math.max(same, enough(blocks)),
    };
}
