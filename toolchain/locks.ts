import { existsSync, readdirSync, readFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { startTime } from "./processIdentity.ts";

/** What the engine writes into a lock of a file backend. */
interface PulumiLock {
    pid: number;
    hostname: string;
    timestamp: string;
}

/** Milliseconds by which a process may seem to have started after it wrote its lock: clocks are coarse. */
const SLACK = 2_000;

/**
 * The locks on a stack in a file backend that their process left behind, by its number. Undefined if one of them may
 * be in use: its process runs, or is on another machine.
 */
export function staleLocks(
    backend: string | undefined,
    project: string,
    stack: string,
): number[] | undefined {
    if (!backend?.startsWith("file://")) return [];
    const root = backend.slice("file://".length).replace(/^~/, process.env["HOME"] ?? "~");
    const directory = join(root, ".pulumi", "locks", "organization", project, stack);
    if (!existsSync(directory)) return [];
    const locks = readdirSync(directory)
        .filter((name) => name.endsWith(".json"))
        .map((name) => JSON.parse(readFileSync(join(directory, name), "utf8")) as PulumiLock);
    return locks.every(isStale) ? locks.map(({ pid }) => pid) : undefined;
}

function isStale(lock: PulumiLock): boolean {
    if (lock.hostname !== hostname()) return false;
    const started = startTime(lock.pid);
    return started === undefined || started > Date.parse(lock.timestamp) + SLACK;
}
