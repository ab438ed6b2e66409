import { cidrOf, formatCidr, last, overlaps, type Cidr } from "../cidr.ts";
import type { ParsedConfig } from "../config/parsedConfig.ts";
import type { Owner } from "../names.ts";
import { prefixFor } from "../networks/division.ts";
import type { NetworkConfig } from "../networks/networkType.ts";
import { typeOf } from "../networks/types.ts";
import { enumerate, problem, quoted, type Path, type Problem } from "../problem.ts";
import { freeRanges } from "./freeRanges.ts";
import {
    bridgeSubnet,
    indexOf,
    isDefaultPool,
    networkRange,
    subnetOf,
} from "../config/topology.ts";

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

/** One problem for every network whose range is unclear, and for every stated range that overlaps with others. */
export function overlapProblems(parsed: ParsedConfig, owner: Owner): Problem[] {
    const claims = [
        ...networkClaims(parsed),
        ...bridgeClaims(parsed, owner),
        ...clusterClaims(parsed),
    ];
    const suggest = freeRanges(claims.map(({ cidr }) => cidr));
    const clashes = Map.groupBy(overlappingPairs(claims), ([claim]) => claim.path.join());
    const overlapping = [...clashes.values()].map((pairs) => {
        const [claim] = pairs[0]!;
        // Of blocks of one pool the first stands for all.
        const others = [...Map.groupBy(pairs, ([, other]) => other.path.join()).values()];
        const named = others.map(([first]) => describe(first![1]));
        const free = suggest(...claim.instead);
        return problem(claim.path, claim.value, {
            reason: `${describe(claim)} overlaps with ${enumerate(named)}.`,
            fix: `Set it to a range that is free${free ? `, such as "${free}"` : ""}.`,
        });
    });
    return [...sharedDefault(parsed), ...noRange(parsed, claims, suggest), ...overlapping];
}

/** There is one default range, so only one network may leave out its own. */
function sharedDefault({ networks }: ParsedConfig): Problem[] {
    const names = withoutRange(networks).flatMap(([name, network]) =>
        typeOf(network).defaultRange ? name : [],
    );
    return names.slice(1).map((name) =>
        problem(["networks", name, "cidr"], undefined, {
            reason: `The networks ${quoted(names)} leave out their range, but there is only one default range.`,
            fix: `State the range of all but one, such as cidr: "172.16.0.0/12".`,
        }),
    );
}

/** Types without a default range: what they would take otherwise belongs to others. */
function noRange(
    { networks, clusters }: ParsedConfig,
    claims: Claim[],
    suggest: ReturnType<typeof freeRanges>,
): Problem[] {
    const overlapping = (range: Cidr) =>
        claims.filter(({ cidr }) => overlaps(cidr, range)).map(describe);
    return withoutRange(networks)
        .filter(([, network]) => !typeOf(network).defaultRange)
        .map(([name, network]) => {
            const enough = enoughFor(network, clusters);
            const free = suggest(Math.min(16, enough), enough);
            return problem(["networks", name, "cidr"], undefined, {
                reason: typeOf(network).whyNoDefault?.(overlapping) ?? 'The key "cidr" is missing.',
                fix: `State a range that is free${free ? `, such as cidr: "${free}"` : ""}.`,
            });
        });
}

function withoutRange(
    networks: ParsedConfig["networks"],
): [name: string, network: NetworkConfig][] {
    return [...networks].filter(([, { cidr }]) => cidr === undefined);
}

/** Prefix length of the smallest range that has room for the blocks or nodes of a network. */
function enoughFor(network: NetworkConfig, clusters: ParsedConfig["clusters"]): number {
    return typeOf(network).division.enough(network, blocksUsed(clusters), mostNodes(clusters));
}

function describe({ cidr, what }: Claim): string {
    return `${formatCidr(cidr)} (${what})`;
}

/** Of the networks that leave out their range the first has the default; the others have none yet. */
function networkClaims({ networks, clusters }: ParsedConfig): Claim[] {
    const first = withoutRange(networks).find(([, network]) => typeOf(network).defaultRange)?.[0];
    return [...networks].flatMap(([name, network]) => {
        const range = networkRange(network);
        if (range === undefined || (network.cidr === undefined && name !== first)) {
            return [];
        }
        const cidr = cidrOf(range);
        return {
            cidr,
            what: `network "${name}"`,
            path: ["networks", name, "cidr"],
            value: network.cidr,
            instead: [cidr.prefix, enoughFor(network, clusters)],
            stated: network.cidr !== undefined,
        };
    });
}

function bridgeClaims({ bridge }: ParsedConfig, owner: Owner): Claim[] {
    if (!bridge) {
        return [];
    }
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

function clusterClaims(parsed: ParsedConfig): Claim[] {
    const kinds = [
        { kind: "pods", key: "podSubnet", noun: "pod subnet" },
        { kind: "services", key: "serviceSubnet", noun: "service subnet" },
    ] as const;
    return kinds.flatMap(({ kind, key, noun }) => {
        const pool = poolClaim(parsed, kind);
        return [...parsed.clusters].flatMap(([name, cluster]): Claim[] => {
            const cidr = subnetOf(kind, name, cluster, parsed.addresses);
            if (!cidr) {
                return [];
            }
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
function poolClaim({ addresses, clusters }: ParsedConfig, kind: "pods" | "services") {
    if (!addresses) {
        return undefined;
    }
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
function blocksUsed(clusters: ParsedConfig["clusters"]): number {
    return Math.max(0, ...[...clusters].map(([name, cluster]) => indexOf(name, cluster) ?? 0)) + 1;
}

/** At least two, since a pool is larger than a node's part of it. */
function mostNodes(clusters: ParsedConfig["clusters"]): number {
    return Math.max(2, ...[...clusters.values()].map(({ nodes }) => nodes));
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
            if (b.claim.cidr.first > last(a.claim.cidr)) {
                break;
            }
            // Blocks of one pool overlap only if two clusters have the same index, which is a problem of its own.
            if (a.claim.path === b.claim.path) {
                continue;
            }
            const [early, late] = a.position < b.position ? [a.claim, b.claim] : [b.claim, a.claim];
            pairs.push(late.stated ? [late, early] : [early, late]);
        }
        return pairs;
    });
}
