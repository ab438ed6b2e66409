import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import type { StackPlace } from "./checkpoint.ts";
import { programOf } from "../../system/processIdentity.ts";

/** What the engine writes into a lock of a file backend. */
interface PulumiLock {
    pid: number;
    hostname: string;
    timestamp: string;
}

/** One lock on a stack. */
export interface Lock {
    file: string;
    /** Who holds it, in words. */
    holder: string;
}

/** The locks on a stack in a file backend, by whether an update of it may still run. */
export interface Locks {
    running: Lock[];
    /** Left behind: their process is gone, or they are damaged, as no process leaves them. */
    stale: Lock[];
}

/**
 * Whose locks are on a stack. Clocks say nothing here: whatever runs as `pulumi` under the number in a lock counts as
 * its holder.
 */
export function locksOn({ folder, project, stack }: StackPlace): Locks {
    const directory = join(folder, ".pulumi", "locks", "organization", project, stack);
    const names = existsSync(directory) ? readdirSync(directory) : [];
    const locks: Locks = { running: [], stale: [] };
    for (const name of names.filter((name) => name.endsWith(".json"))) {
        const file = join(directory, name);
        const lock = read(file);
        if (!lock) {
            locks.stale.push({ file, holder: `nobody known (${name} is damaged)` });
        } else if (lock.hostname !== hostname()) {
            const holder = `process ${lock.pid} on ${lock.hostname}, since ${lock.timestamp}`;
            locks.running.push({ file, holder });
        } else {
            const held = programOf(lock.pid) === ENGINE;
            locks[held ? "running" : "stale"].push({ file, holder: `process ${lock.pid}` });
        }
    }
    return locks;
}

/** Removes just these: `pulumi cancel` would take that of an update which started meanwhile, too. */
export function removeLocks(locks: Lock[]): void {
    for (const { file } of locks) {
        rmSync(file, { force: true });
        rmSync(`${file}.attrs`, { force: true });
    }
}

/** The name of the engine's processes. */
export const ENGINE = "pulumi";

function read(file: string): PulumiLock | undefined {
    try {
        const lock = JSON.parse(readFileSync(file, "utf8")) as PulumiLock | null;
        return typeof lock?.pid === "number" && typeof lock.hostname === "string"
            ? lock
            : undefined;
    } catch {
        return undefined;
    }
}
