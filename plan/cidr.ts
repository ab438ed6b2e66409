import ipaddr from "ipaddr.js";
import type { Explanation } from "./problem.ts";

/** An IPv4 range. */
export interface Cidr {
    /** First address, as an unsigned 32-bit number. */
    readonly first: number;
    /** Length of the prefix in bits, 0 to 32. */
    readonly prefix: number;
}

/** Reads `a.b.c.d/n` strictly: IPv4 only, no leading zeros, no host bits, not /0. */
export function parseCidr(text: string): Cidr | Explanation {
    const read = readAddress(text);
    if ("reason" in read) {
        return read;
    }
    const [written] = text.split("/");
    const cidr = blockAround(read.address, read.prefix);
    if (cidr.prefix === 0) {
        const fix = `Write the prefix length of the range that is meant, such as ${written}/16.`;
        return { reason: "/0 is every IPv4 address there is.", fix };
    }
    if (cidr.first !== read.address) {
        const reason = `Host bits are set: ${written} lies inside the range ${formatCidr(cidr)}.`;
        const fix = `Write ${formatCidr(cidr)}, or a longer prefix if a smaller range is meant.`;
        return { reason, fix };
    }
    return cidr;
}

function readAddress(text: string): { address: number; prefix: number } | Explanation {
    const [address = "", length, ...rest] = text.split("/");
    if (address.includes(":") && ipaddr.IPv6.isValid(address)) {
        const fix = "Write an IPv4 range such as 10.1.0.0/16.";
        return { reason: "This is IPv6, which is not supported yet.", fix };
    }
    if (!ipaddr.IPv4.isValidFourPartDecimal(address) || rest.length > 0) {
        const fix = "Write four numbers from 0 to 255 and a prefix length, such as 10.1.0.0/16.";
        return { reason: "This is not an IPv4 range.", fix };
    }
    if (length === undefined) {
        const reason = "The prefix length is missing, so the size of the range is unknown.";
        return { reason, fix: `Append it, such as ${address}/16.` };
    }
    if (!/^(\d|[12]\d|3[0-2])$/.test(length)) {
        const fix = "Write an integer from 1 to 32 after the slash, such as 10.1.0.0/16.";
        return { reason: `"/${length}" is not a prefix length.`, fix };
    }
    const { octets } = ipaddr.IPv4.parse(address);
    const number = octets.reduce((sum, octet) => sum * 256 + octet, 0);
    return { address: number, prefix: Number(length) };
}

/** The range around an address of any kind of writing, host bits or not; undefined if it is not IPv4. */
export function looseCidr(text: string): Cidr | undefined {
    const read = readAddress(text);
    return "reason" in read ? undefined : blockAround(read.address, read.prefix);
}

/** The range that a well-formed text names. Throws if it is not well-formed. */
export function cidrOf(text: string): Cidr {
    const parsed = parseCidr(text);
    if ("reason" in parsed) {
        throw new RangeError(`${text}: ${parsed.reason}`);
    }
    return parsed;
}

/** The block of that prefix length which holds the address. */
function blockAround(address: number, prefix: number): Cidr {
    return { first: address - (address % 2 ** (32 - prefix)), prefix };
}

/** Number of addresses, network and broadcast address included. */
export function size({ prefix }: Cidr): number {
    return 2 ** (32 - prefix);
}

export function last(cidr: Cidr): number {
    return cidr.first + size(cidr) - 1;
}

/** Number of addresses that hosts can have: all but the first and the last. Zero for /31 and /32. */
export function hostCount(cidr: Cidr): number {
    return Math.max(0, size(cidr) - 2);
}

export function firstHost(cidr: Cidr): string {
    return nthHost(cidr, 1);
}

/** The n-th address after the range's own. */
export function nthHost(cidr: Cidr, n: number): string {
    return formatAddress(cidr.first + n);
}

export function lastHost(cidr: Cidr): string {
    return formatAddress(last(cidr) - 1);
}

/** The last address that pods are given: the one after it stays free. */
export function lastLease(cidr: Cidr): string {
    return formatAddress(last(cidr) - 2);
}

export function overlaps(a: Cidr, b: Cidr): boolean {
    return a.first <= last(b) && b.first <= last(a);
}

export function contains(outer: Cidr, inner: Cidr): boolean {
    return outer.first <= inner.first && last(inner) <= last(outer);
}

/** How many blocks of that prefix length the range holds; zero if such a block is larger than the range. */
export function blockCount(cidr: Cidr, prefix: number): number {
    return Math.floor(2 ** (prefix - cidr.prefix));
}

/** The n-th block of that prefix length, counted from 0. Throws a RangeError if the range has no such block. */
export function nthBlock(cidr: Cidr, prefix: number, n: number): Cidr {
    if (!Number.isInteger(n) || n < 0 || n >= blockCount(cidr, prefix)) {
        throw new RangeError(`${formatCidr(cidr)} has no block ${n} of /${prefix}`);
    }
    return { first: cidr.first + n * 2 ** (32 - prefix), prefix };
}

export function formatCidr({ first, prefix }: Cidr): string {
    return `${formatAddress(first)}/${prefix}`;
}

function formatAddress(address: number): string {
    return [24, 16, 8, 0].map((shift) => (address >>> shift) & 255).join(".");
}
