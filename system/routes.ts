import { readFileSync } from "node:fs";
import { CommandFailed, LIMITS, run } from "./process.ts";

/** An IPv4 route of this machine to hosts of its own or of others. */
export interface Route {
    /** `0.0.0.0/0` for a default route. */
    cidr: string;
    /** Devices that lead there, such as `eth0`. */
    device: string;
    /** Next hop; undefined if there is none or are several. */
    gateway?: string | undefined;
    /** Number or name of its routing table; undefined for the main one. */
    table?: string | undefined;
}

/** All tables: WireGuard and Tailscale have routes in tables of their own, to which rules lead. */
const LIST = ["-4", "-json", "route", "show", "table", "all", "type", "unicast"];

/** The IPv4 routes of this machine; of its main table only, where there is no `ip` that lists them as JSON. */
export async function machineRoutes(): Promise<Route[]> {
    let main: string;
    try {
        main = readFileSync("/proc/net/route", "utf8");
    } catch {
        return []; // not Linux: the container engine lives in a virtual machine with routes of its own
    }
    try {
        return routesOfIp(await run("ip", LIST, { limit: LIMITS.answer }));
    } catch (error) {
        if (error instanceof CommandFailed || error instanceof SyntaxError) {
            return routesOfKernel(main);
        }
        throw error;
    }
}

/** A route as `ip -json` prints it; only what is used here. */
interface Listed {
    dst: string;
    dev?: string;
    gateway?: string;
    table?: string | number;
    nexthops?: { dev?: string }[];
}

/** Reads what `ip -json route` prints. Throws a SyntaxError if that is no JSON. */
export function routesOfIp(json: string): Route[] {
    return (JSON.parse(json) as Listed[]).map(({ dst, dev, gateway, table, nexthops = [] }) => {
        const devices = nexthops.map(({ dev }) => dev).filter((dev) => dev !== undefined);
        return {
            cidr: dst === "default" ? "0.0.0.0/0" : dst.includes("/") ? dst : `${dst}/32`,
            device: dev ?? ([...new Set(devices)].join(" and ") || "several devices"),
            gateway,
            table: table === undefined ? undefined : String(table),
        };
    });
}

/** Reads /proc/net/route: addresses and masks are little-endian hexadecimal. */
export function routesOfKernel(text: string): Route[] {
    return text
        .trim()
        .split("\n")
        .slice(1)
        .map((line) => line.split("\t"))
        .map(([device = "", destination = "", gateway = "", , , , , mask = ""]) => ({
            cidr: `${dotted(destination)}/${prefixLength(mask)}`,
            device,
            gateway: /^0*$/.test(gateway) ? undefined : dotted(gateway),
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
