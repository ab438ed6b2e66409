import { cidrOf, formatCidr, last, size, type Cidr } from "../cidr.ts";

/** Where the docker networks of stacks lie that state no range. */
export const DEFAULT_BRIDGES = cidrOf("10.192.0.0/10");

/** What carriers share, and Tailscale takes as a whole, whatever part of it has routes. */
export const CARRIERS = cidrOf("100.64.0.0/10");

/**
 * The largest private range first; then the small one, so that small ranges leave the middle one whole. Behind them what
 * is not routed in the Internet either: carriers' and that of benchmarks (RFC 6598, 2544).
 */
export const UNROUTED = [
    ...["10.0.0.0/8", "192.168.0.0/16", "172.16.0.0/12"].map(cidrOf),
    CARRIERS,
    cidrOf("198.18.0.0/15"),
];

/**
 * Suggests ranges that overlap with nothing taken nor with each other, each of the first prefix length for which there
 * is room.
 */
export function freeRanges(taken: readonly Cidr[]): (...prefixes: number[]) => string | undefined {
    const all = [...taken];
    return (...prefixes) => {
        const free = prefixes
            .map((prefix) => firstFree(UNROUTED, prefix, all))
            .find((found) => found !== undefined);
        if (!free) {
            return undefined;
        }
        all.push(free);
        return formatCidr(free);
    };
}

/** A range that is looked for. */
export interface Wanted {
    prefix: number;
    /** Where it may lie, the best first. */
    pools: readonly Cidr[];
}

/**
 * Ranges that overlap with nothing taken nor with each other, one for each that is wanted; undefined where there is no
 * room. The largest are placed first, which leaves none out that could be placed: blocks of a power of two are aligned.
 */
export function placed(wanted: readonly Wanted[], taken: readonly Cidr[]): (Cidr | undefined)[] {
    const all = [...taken];
    const found: (Cidr | undefined)[] = wanted.map(() => undefined);
    const bySize = wanted
        .map((one, position) => ({ ...one, position }))
        .sort((a, b) => a.prefix - b.prefix);
    for (const { prefix, pools, position } of bySize) {
        const free = firstFree(pools, prefix, all);
        found[position] = free;
        all.push(...(free ? [free] : []));
    }
    return found;
}

/** The first free block of that prefix length, of the first pool that has one. */
function firstFree(
    pools: readonly Cidr[],
    prefix: number,
    taken: readonly Cidr[],
): Cidr | undefined {
    const sorted = taken.toSorted((a, b) => a.first - b.first);
    return pools
        .map((pool) => firstFreeIn(pool, prefix, sorted))
        .find((found) => found !== undefined);
}

function firstFreeIn(pool: Cidr, prefix: number, sorted: readonly Cidr[]): Cidr | undefined {
    if (prefix < pool.prefix) {
        return undefined;
    }
    let free = { first: pool.first, prefix };
    for (const cidr of sorted) {
        if (cidr.first > last(free)) {
            break;
        }
        if (last(cidr) < free.first) {
            continue;
        }
        const step = size(free);
        free = { first: Math.ceil((last(cidr) + 1) / step) * step, prefix };
    }
    return last(free) <= last(pool) ? free : undefined;
}
