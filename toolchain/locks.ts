import { existsSync, readdirSync, readFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import type { StackPlace } from "./checkpoint.ts";
import { programOf } from "./processIdentity.ts";

/** What the engine writes into a lock of a file backend. */
interface PulumiLock {
    pid: number;
    hostname: string;
    timestamp: string;
}

/** The locks on a stack in a file backend, in words, by whether an update of it may still run. */
export interface Locks {
    running: string[];
    /** Left behind: their process is gone, or they are damaged, as no process leaves them. */
    stale: string[];
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
        const lock = read(join(directory, name));
        if (!lock) {
            locks.stale.push(`unreadable lock ${name}`);
        } else if (lock.hostname !== hostname()) {
            locks.running.push(`process ${lock.pid} on ${lock.hostname}, since ${lock.timestamp}`);
        } else {
            const held = programOf(lock.pid) === ENGINE;
            locks[held ? "running" : "stale"].push(`process ${lock.pid}`);
        }
    }
    return locks;
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
