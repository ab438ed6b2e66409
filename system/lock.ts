import { closeSync, fstatSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { lockFile, type LockRequest } from "./fileLock.ts";
import { identity, isAlive, type ProcessIdentity } from "./processIdentity.ts";
import { patient } from "../plan/patience.ts";

interface Holder extends ProcessIdentity {
    since: string;
}

/** Milliseconds until a wait is worth a line. */
const SILENT_WAIT = 500;

/** Milliseconds after which a lock that is held on and on is an error. */
const LIMIT = 2 * 60 * 60_000;

/**
 * Runs `action` while no other process of this machine holds the lock on `file`. The file's text only says who holds
 * it. `onWait` is called once when the lock is not free. A program that is run with the descriptor which `action` gets
 * as `hold` holds the lock as well, even after this process was killed.
 */
export async function withLock<T>(
    file: string,
    onWait: (holder: string) => void,
    action: (descriptor: number) => Promise<T>,
    signal?: AbortSignal,
    limit = LIMIT,
): Promise<T> {
    const lock =
        (await takeLock(file, { wait: 0 }, signal)) ??
        (await waitForLock(file, onWait, patient(limit), signal));
    const holder: Holder = { ...identity(process.pid), since: new Date().toISOString() };
    writeFileSync(file, JSON.stringify(holder), { mode: 0o600 });
    try {
        return await action(lock.descriptor);
    } finally {
        lock.release();
    }
}

async function waitForLock(
    file: string,
    onWait: (holder: string) => void,
    limit: number,
    signal: AbortSignal | undefined,
): Promise<Lock> {
    const waiting = setTimeout(() => onWait(describeHolder(file)), SILENT_WAIT);
    try {
        const lock = await takeLock(file, { wait: limit }, signal);
        if (lock) {
            return lock;
        }
    } finally {
        clearTimeout(waiting);
    }
    const time = limit < LIMIT ? `${limit / 60_000} minutes` : `${limit / 3_600_000} hours`;
    throw new Error(
        `${describeHolder(file)} has held the lock ${file} for ${time}. If it hangs, end it.`,
    );
}

export interface Lock {
    readonly descriptor: number;
    release(): void;
}

/** Takes the lock on a file, as `lockFile` does. Undefined if it is not free in time. */
export async function takeLock(
    file: string,
    request: LockRequest,
    signal?: AbortSignal,
): Promise<Lock | undefined> {
    const descriptor = await lockInFolder(file, request, signal);
    if (descriptor === undefined) {
        return undefined;
    }
    // Another process may have removed the file meanwhile: a lock on that one would keep no process out.
    if (statSync(file, { throwIfNoEntry: false })?.ino === fstatSync(descriptor).ino) {
        return { descriptor, release: () => closeSync(descriptor) };
    }
    closeSync(descriptor);
    return takeLock(file, request, signal);
}

async function lockInFolder(
    file: string,
    request: LockRequest,
    signal: AbortSignal | undefined,
    attempts = 10,
): Promise<number | undefined> {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    try {
        return await lockFile(file, request, signal);
    } catch (error) {
        // Who removes a lock may remove its empty folder, just now.
        if ((error as NodeJS.ErrnoException).code !== "ENOENT" || attempts === 0) {
            throw error;
        }
        return lockInFolder(file, request, signal, attempts - 1);
    }
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
