import { mkdir, open, rm, stat } from "node:fs/promises";
import type { FileHandle } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { CommandFailed } from "../../system/process.ts";
import { exec } from "../exec.ts";

export interface LockOptions {
    signal: AbortSignal;
    /** Called once if someone else holds the lock. */
    onWait: () => void;
}

/** Milliseconds that a twin may take to finish a cluster. */
const LONGEST_WAIT = 20 * 60_000;

/**
 * Runs `body` while holding the lock file. The kernel ties the lock to the open file, and `body` gets its descriptor to
 * hand on: a child that inherits it keeps the lock even if this process is killed, so the next run waits for it.
 */
export async function withClusterLock<T>(
    path: string,
    options: LockOptions,
    body: (descriptor: number) => Promise<T>,
): Promise<T> {
    const handle = await locked(resolve(path), options);
    try {
        return await body(handle.fd);
    } finally {
        await handle.close();
    }
}

/** Removes the lock file; only for its holder. */
export async function removeLock(path: string): Promise<void> {
    await rm(resolve(path), { force: true });
}

async function locked(file: string, options: LockOptions): Promise<FileHandle> {
    for (;;) {
        const handle = await openLock(file);
        try {
            await acquire(handle.fd, options);
            if (await isSame(handle, file)) {
                return handle;
            }
        } catch (error) {
            await handle.close();
            throw error;
        }
        // The last holder removed the file: what we hold is a lock that nobody else will see.
        await handle.close();
    }
}

async function openLock(file: string): Promise<FileHandle> {
    for (let attempt = 0; ; attempt++) {
        await mkdir(dirname(file), { recursive: true, mode: 0o700 });
        try {
            return await open(file, "a", 0o600);
        } catch (error) {
            // A neighbour's delete may remove the folder in between.
            if ((error as NodeJS.ErrnoException).code !== "ENOENT" || attempt === 10) {
                throw error;
            }
        }
    }
}

async function acquire(descriptor: number, { signal, onWait }: LockOptions): Promise<void> {
    const options = { signal, inherit: descriptor, timeout: LONGEST_WAIT };
    try {
        await exec("flock", ["--nonblock", "3"], options);
    } catch (error) {
        if (!(error instanceof CommandFailed) || error.code !== 1) {
            throw error;
        }
        onWait();
        await exec("flock", ["3"], options);
    }
}

async function isSame(handle: FileHandle, file: string): Promise<boolean> {
    const [held, named] = await Promise.all([handle.stat(), stat(file).catch(() => undefined)]);
    return held.ino === named?.ino;
}
