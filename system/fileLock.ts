import { closeSync, constants, openSync } from "node:fs";
import { setTimeout } from "node:timers/promises";
import { CommandFailed, run } from "./process.ts";
import { CAPABILITIES } from "./thisHost.ts";

/** How a lock is asked for. */
export interface LockRequest {
    /** Others may have a shared lock at the same time. */
    shared?: boolean;
    /** Milliseconds to wait until it is free; Infinity is for ever. */
    wait: number;
}

/**
 * Has the kernel lock a file, which is made if it is not there. The lock belongs to the open file: it ends when all
 * processes that have inherited its descriptor are gone, even by `kill -9`, so it is never left behind. Returns the
 * descriptor; undefined if the lock is not free in time.
 */
export function lockFile(
    file: string,
    request: LockRequest,
    signal?: AbortSignal,
): Promise<number | undefined> {
    const lock = CAPABILITIES.fileLock === "flock" ? lockByProgram : lockByOpening;
    return lock(file, request, signal);
}

/** The exit code that flock is to use for a lock that is not free. */
const NOT_FREE = 75;

async function lockByProgram(
    file: string,
    { shared = false, wait }: LockRequest,
    signal: AbortSignal | undefined,
): Promise<number | undefined> {
    const limit = wait === 0 ? ["--nonblock"] : ["--timeout", String(wait / 1000)];
    const args = [
        shared ? "--shared" : "--exclusive",
        ...(wait === Infinity ? [] : limit),
        ...["--conflict-exit-code", String(NOT_FREE), "3"],
    ];
    const descriptor = openSync(file, "a", 0o600);
    try {
        await run("flock", args, { inherit: descriptor, signal, limit: Infinity });
        return descriptor;
    } catch (error) {
        closeSync(descriptor);
        if (error instanceof CommandFailed && error.code === NOT_FREE) {
            return undefined;
        }
        throw error;
    }
}

/** Flags of open(2) on macOS and the BSDs, where they take the same lock as flock(2). */
const O_SHLOCK = 0x10;
const O_EXLOCK = 0x20;

/** Milliseconds between two attempts. */
const PAUSE = 100;

/** `open` is for tests. */
export async function lockByOpening(
    file: string,
    { shared = false, wait }: LockRequest,
    signal?: AbortSignal,
    open: typeof openSync = openSync,
): Promise<number | undefined> {
    const { O_APPEND, O_CREAT, O_NONBLOCK, O_WRONLY } = constants;
    const flags = O_WRONLY | O_APPEND | O_CREAT | O_NONBLOCK | (shared ? O_SHLOCK : O_EXLOCK);
    for (const end = performance.now() + wait; ;) {
        try {
            return open(file, flags, 0o600);
        } catch (error) {
            if ((error as NodeJS.ErrnoException).code !== "EAGAIN") {
                throw error;
            }
        }
        if (performance.now() >= end) {
            return undefined;
        }
        await setTimeout(PAUSE, undefined, { signal });
    }
}
