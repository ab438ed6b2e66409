import { cidrOf, formatCidr, last, size, type Cidr } from "./cidr.ts";
import type { Draft } from "./draft.ts";
import type { Owner } from "./names.ts";
import { enumerate, problem, quoted, type Path, type Problem } from "./problem.ts";
import { bridgeSubnet, indexOf, isDefaultPool, networkRange, subnetOf } from "./topology.ts";

/** A range in use, and the key by which it can be changed. */
interface Claim {
    cidr: Cidr;
    /** Whose it is, such as `network "data-plane"`. */
    what: string;
    path: Path;
    /** What the key holds; undefined if it is left out. */
    value: string | undefined;
    /** Prefix lengths of ranges that could stand there instead, the best first. */
    instead: number[];
    /** False for a default: the other range of the pair is then the one to change. */
    stated: boolean;
}

/** One fault for every network whose range is unclear, and for every stated range that overlaps with others. */
export function overlapProblems(draft: Draft, owner: Owner): Problem[] {
    const claims = [
        ...networkClaims(draft),
        ...bridgeClaims(draft, owner),
        ...clusterClaims(draft),
    ];
    const suggest = freeRanges(claims.map(({ cidr }) => cidr));
    const clashes = Map.groupBy(overlappingPairs(claims), ([claim]) => claim.path.join());
    const overlaps = [...clashes.values()].map((pairs) => {
        const [claim] = pairs[0]!;
        // Of blocks of one pool the first stands for all.
        const others = [...Map.groupBy(pairs, ([, other]) => other.path.join()).values()];
        const named = others.map(([first]) => describe(first![1]));
        const free = suggest(...claim.instead);
        return problem(claim.path, claim.value, {
            reason: `${describe(claim)} overlaps with ${enumerate(named)}.`,
            remedy: `Set it to a range that is free${free ? `, such as "${free}"` : ""}.`,
        });
    });
    return [...unclearNetworks(draft), ...overlaps];
}

/** There is one default range, so only one network may leave out its own. */
function unclearNetworks({ networks }: Draft): Problem[] {
    const names = [...networks].flatMap(([name, { cidr }]) => (cidr === undefined ? name : []));
    return names.slice(1).map((name) =>
        problem(["networks", name, "cidr"], undefined, {
            reason: `The networks ${quoted(names)} leave out their range, but there is only one default range.`,
            remedy: `State the range of all but one, such as cidr: "172.16.0.0/12".`,
        }),
    );
}

function describe({ cidr, what }: Claim): string {
    return `${formatCidr(cidr)} (${what})`;
}

/** Of the networks that leave out their range the first has the default; the others have none yet. */
function networkClaims({ networks, clusters }: Draft): Claim[] {
    const first = [...networks].find(([, { cidr }]) => cidr === undefined)?.[0];
    return [...networks]
        .filter(([name, { cidr }]) => cidr !== undefined || name === first)
        .map(([name, network]) => {
            const cidr = cidrOf(networkRange(network));
            return {
                cidr,
                what: `network "${name}"`,
                path: ["networks", name, "cidr"],
                value: network.cidr,
                instead: [cidr.prefix, prefixFor(blocksUsed(clusters), network.clusterPrefix)],
                stated: network.cidr !== undefined,
            };
        });
}

function bridgeClaims({ bridge }: Draft, owner: Owner): Claim[] {
    if (!bridge) return [];
    const cidr = cidrOf(bridgeSubnet(bridge, owner));
    return [
        {
            cidr,
            what: "the docker network of the stack",
            path: ["bridge", "subnet"],
            value: bridge.subnet,
            instead: [cidr.prefix],
            stated: bridge.subnet !== undefined,
        },
    ];
}

function clusterClaims(draft: Draft): Claim[] {
    const kinds = [
        { kind: "pods", key: "podSubnet", noun: "pod subnet" },
        { kind: "services", key: "serviceSubnet", noun: "service subnet" },
    ] as const;
    return kinds.flatMap(({ kind, key, noun }) => {
        const pool = poolClaim(draft, kind);
        return [...draft.clusters].flatMap(([name, cluster]): Claim[] => {
            const cidr = subnetOf(kind, name, cluster, draft.addresses);
            if (!cidr) return [];
            const what = `the ${noun} of cluster "${name}"`;
            const value = cluster[key];
            if (value === undefined && pool) {
                return [{ ...pool, cidr, what: `${what}, a block of addresses.${kind}` }];
            }
            const path = ["clusters", name, key];
            return [{ cidr, what, path, value, instead: [cidr.prefix], stated: true }];
        });
    });
}

/** What the clusters' blocks of a pool have in common: they are changed by changing the pool. */
function poolClaim({ addresses, clusters }: Draft, kind: "pods" | "services") {
    if (!addresses) return undefined;
    const value = addresses[kind];
    const enough = prefixFor(blocksUsed(clusters), addresses.clusterPrefix);
    return {
        path: ["addresses", kind],
        value,
        instead: [cidrOf(value).prefix, enough],
        stated: !isDefaultPool(kind, value),
    };
}

/** Number of blocks that a range needs, since a cluster's index is the position of its block. */
function blocksUsed(clusters: Draft["clusters"]): number {
    return Math.max(0, ...[...clusters].map(([name, cluster]) => indexOf(name, cluster) ?? 0)) + 1;
}

/** All pairs that overlap, first the one to change: of two stated ranges that which comes later. */
function overlappingPairs(claims: Claim[]): [Claim, Claim][] {
    const sorted = claims
        .map((claim, position) => ({ claim, position }))
        .sort((a, b) => a.claim.cidr.first - b.claim.cidr.first);
    return sorted.flatMap((a, i) => {
        const pairs: [Claim, Claim][] = [];
        for (let j = i + 1; j < sorted.length; j++) {
            const b = sorted[j]!;
            if (b.claim.cidr.first > last(a.claim.cidr)) break;
            // Blocks of one pool overlap only if two clusters have the same index, which is a fault of its own.
            if (a.claim.path === b.claim.path) continue;
            const [early, late] = a.position < b.position ? [a.claim, b.claim] : [b.claim, a.claim];
            pairs.push(late.stated ? [late, early] : [early, late]);
        }
        return pairs;
    });
}

/** The largest first; then the small one, so that small ranges leave the middle one whole. */
const PRIVATE = ["10.0.0.0/8", "192.168.0.0/16", "172.16.0.0/12"].map(cidrOf);

/**
 * Suggests private ranges that overlap with nothing taken nor with each other, each of the first prefix length for
 * which there is room.
 */
export function freeRanges(taken: readonly Cidr[]): (...prefixes: number[]) => string | undefined {
    const sorted = taken.toSorted((a, b) => a.first - b.first);
    return (...prefixes) => {
        const free = prefixes
            .flatMap((prefix) => PRIVATE.map((pool) => firstFree(pool, prefix, sorted)))
            .find((found) => found !== undefined);
        if (!free) return undefined;
        sorted.push(free);
        sorted.sort((a, b) => a.first - b.first);
        return formatCidr(free);
    };
}

/** Prefix length of the smallest range that has so many blocks of a prefix length. */
export function prefixFor(blocks: number, prefix: number): number {
    return prefix - Math.ceil(Math.log2(blocks));
}

function firstFree(pool: Cidr, prefix: number, sorted: readonly Cidr[]): Cidr | undefined {
    if (prefix < pool.prefix) return undefined;
    let free = { first: pool.first, prefix };
    for (const cidr of sorted) {
        if (cidr.first > last(free)) break;
        if (last(cidr) < free.first) continue;
        const step = size(free);
        free = { first: Math.ceil((last(cidr) + 1) / step) * step, prefix };
    }
    return last(free) <= last(pool) ? free : undefined;
}
