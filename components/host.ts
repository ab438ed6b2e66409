import { readFileSync } from "node:fs";
import type { RuntimeName } from "../provider/runtime/runtime.ts";
import { runtime } from "../provider/runtime/runtimes.ts";
import type { HostRange } from "./topology/validate.ts";

/** What is in use on this machine already, without the networks of this stack: foreign networks and routes. */
export async function hostRanges(
    name: RuntimeName,
    owner: { project: string; stack: string },
): Promise<HostRange[]> {
    const networks = await runtime(name).networks();
    const own = networks.filter(
        ({ labels }) =>
            labels["multinet.dev/project"] === owner.project &&
            labels["multinet.dev/stack"] === owner.stack,
    );
    const ownSubnets = new Set(own.flatMap(({ subnets }) => subnets));
    const foreign = networks
        .filter((network) => !own.includes(network))
        .flatMap(({ name, subnets }) =>
            subnets.map((cidr) => ({ cidr, what: `the container network "${name}"` })),
        );
    const known = new Set([...ownSubnets, ...foreign.map(({ cidr }) => cidr)]);
    return [...foreign, ...routes().filter(({ cidr }) => !known.has(cidr))];
}

/** IPv4 routes of this machine, as the kernel lists them: addresses and masks are little-endian hexadecimal. */
function routes(): HostRange[] {
    let table: string;
    try {
        table = readFileSync("/proc/net/route", "utf8");
    } catch {
        return []; // not Linux: the container runtime lives in a virtual machine with routes of its own
    }
    return table
        .trim()
        .split("\n")
        .slice(1)
        .map((line) => line.split("\t"))
        .map(([device = "", destination = "", , , , , , mask = ""]) => ({
            cidr: `${dotted(destination)}/${prefixLength(mask)}`,
            what: `a route of this machine through ${device}`,
        }));
}

function dotted(littleEndianHex: string): string {
    return (littleEndianHex.match(/../g) ?? [])
        .reverse()
        .map((byte) => Number.parseInt(byte, 16))
        .join(".");
}

function prefixLength(maskHex: string): number {
    return [...Number.parseInt(maskHex, 16).toString(2)].filter((bit) => bit === "1").length;
}
