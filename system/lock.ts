import { spawn } from "node:child_process";
import { closeSync, fstatSync, openSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { identity, isAlive, type ProcessIdentity } from "./processIdentity.ts";

interface Holder extends ProcessIdentity {
    since: string;
}

/** Milliseconds until a wait is worth a line. */
const SILENT_WAIT = 500;

/** Seconds after which a lock that is held on and on is an error. */
const LIMIT = 2 * 60 * 60;

/**
 * Runs `action` while no other process of this machine holds the lock on `file`. The file's text only says who holds
 * it. `onWait` is called once when the lock is not free.
 */
export async function withLock<T>(
    file: string,
    onWait: (holder: string) => void,
    action: () => Promise<T>,
    signal?: AbortSignal,
): Promise<T> {
    const waiting = setTimeout(() => onWait(describeHolder(file)), SILENT_WAIT);
    let lock: Lock | undefined;
    try {
        lock = await takeLock(file, ["--exclusive", "--timeout", String(LIMIT)], signal);
    } finally {
        clearTimeout(waiting);
    }
    if (!lock) {
        throw new Error(
            `${describeHolder(file)} has held the lock ${file} for ${LIMIT / 3600} hours. If it hangs, end it.`,
        );
    }
    const holder: Holder = { ...identity(process.pid), since: new Date().toISOString() };
    writeFileSync(file, JSON.stringify(holder), { mode: 0o600 });
    try {
        return await action();
    } finally {
        lock.release();
    }
}

export interface Lock {
    release(): void;
}

/**
 * Has the kernel lock a file (flock), with options of the program `flock`. The lock belongs to the open file of this
 * process and ends with it, even by `kill -9`: it is never left behind. Undefined if it is not free.
 */
export async function takeLock(
    file: string,
    options: string[],
    signal?: AbortSignal,
): Promise<Lock | undefined> {
    signal?.throwIfAborted();
    const descriptor = openSync(file, "a", 0o600);
    try {
        if (!(await flock(descriptor, options, signal))) {
            closeSync(descriptor);
            return undefined;
        }
    } catch (error) {
        closeSync(descriptor);
        throw error;
    }
    // Another process may have removed the file meanwhile: a lock on that one would keep nobody out.
    if (statSync(file, { throwIfNoEntry: false })?.ino === fstatSync(descriptor).ino) {
        return { release: () => closeSync(descriptor) };
    }
    closeSync(descriptor);
    return takeLock(file, options, signal);
}

/** The exit code that flock is to use for a lock that is not free. */
const NOT_FREE = 75;

function flock(descriptor: number, options: string[], signal?: AbortSignal): Promise<boolean> {
    return new Promise((resolve, reject) => {
        // A session of its own, so that Ctrl-C reaches us first and we still clean up under the lock.
        const args = [...options, "--conflict-exit-code", String(NOT_FREE), "3"];
        const child = spawn("flock", args, {
            stdio: ["ignore", "ignore", "inherit", descriptor],
            detached: true,
        });
        const giveUp = () => child.kill();
        signal?.addEventListener("abort", giveUp);
        child.once("error", reject);
        child.once("close", (code) => {
            signal?.removeEventListener("abort", giveUp);
            if (signal?.aborted) {
                reject(signal.reason as Error);
            } else if (code === 0 || code === NOT_FREE) {
                resolve(code === 0);
            } else {
                const how = code === null ? "by a signal" : `with exit code ${code}`;
                reject(new Error(`flock, of the package util-linux, ended ${how}.`));
            }
        });
    });
}

function describeHolder(file: string): string {
    try {
        const holder = JSON.parse(readFileSync(file, "utf8")) as Holder;
        if (isAlive(holder)) {
            return `process ${holder.pid}, since ${holder.since.slice(11, 19)} UTC`;
        }
    } catch {
        // just created, or being written
    }
    return "another process";
}
