import { contains, looseCidr, size, type Cidr } from "../cidr.ts";

/** A range that something on this machine uses which is not part of the stack. */
export interface HostRange {
    /** IPv4 range with or without host bits; others and default routes are ignored. */
    cidr: string;
    /** Whose it is, such as `the container network "kind"` or `a route of this machine through eth0`. */
    what: string;
}

/** The same, read. */
export interface UsedRange {
    cidr: Cidr;
    /** The range as it was written, and whose it is. */
    what: string;
}

/** Prefix length of the largest range that a network of someone's own may have. What is larger leads to the Internet. */
const LARGEST_NETWORK = 8;

/** Number of IPv4 addresses. */
const EVERYTHING = 2 ** 32;

/**
 * The ranges that are really in use: without default routes, which others take precedence of. A VPN writes its own as
 * two halves, or in more pieces, so that it stands before the machine's.
 */
export function usedRanges(hostRanges: readonly HostRange[]): UsedRange[] {
    const read = hostRanges.flatMap(({ cidr: text, what: user }) => {
        const cidr = looseCidr(text);
        return cidr && cidr.prefix > 0 ? { cidr, user, what: `${text} (${user})` } : [];
    });
    return [...Map.groupBy(read, ({ user }) => user).values()]
        .flatMap(withoutPieces)
        .filter(({ cidr }) => cidr.prefix >= LARGEST_NETWORK)
        .map(({ cidr, what }) => ({ cidr, what }));
}

/** The ranges of one user without the outermost, if these are everything. */
function withoutPieces<T extends { cidr: Cidr }>(ranges: T[]): T[] {
    const outermost: Cidr[] = [];
    const sorted = ranges.map(({ cidr }) => cidr);
    for (const cidr of sorted.sort((a, b) => a.first - b.first || a.prefix - b.prefix)) {
        const before = outermost.at(-1);
        if (!before || !contains(before, cidr)) {
            outermost.push(cidr);
        }
    }
    const covered = outermost.reduce((sum, cidr) => sum + size(cidr), 0);
    const isOutermost = ({ first, prefix }: Cidr) =>
        outermost.some((one) => one.first === first && one.prefix === prefix);
    return covered < EVERYTHING ? ranges : ranges.filter(({ cidr }) => !isOutermost(cidr));
}
