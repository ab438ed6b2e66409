import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { identity, isAlive, type ProcessIdentity } from "./processIdentity.ts";

interface Holder extends ProcessIdentity {
    since: string;
}

/** Milliseconds until a wait is worth a line. */
const SILENT_WAIT = 500;

/**
 * Runs `action` while no other process of this machine holds the lock on `file`. The kernel's own lock (flock) is
 * used, held by a helper process that ends with this one, even by `kill -9`: a lock is never left behind. The file's
 * text only says who holds it. `onWait` is called once when the lock is not free.
 */
export async function withLock<T>(
    file: string,
    onWait: (holder: string) => void,
    action: () => Promise<T>,
    signal?: AbortSignal,
): Promise<T> {
    signal?.throwIfAborted();
    // `cat` echoes the newline as soon as flock has let it run, and ends when our end of the pipe closes. It has a
    // session of its own, so that Ctrl-C reaches us first and we still clean up under the lock.
    const keeper = spawn("flock", [file, "cat"], {
        stdio: ["pipe", "pipe", "inherit"],
        detached: true,
    });
    const waiting = setTimeout(() => onWait(describeHolder(file)), SILENT_WAIT);
    const giveUp = () => keeper.kill();
    signal?.addEventListener("abort", giveUp);
    try {
        keeper.stdin.write("\n");
        await acquired(keeper);
    } finally {
        clearTimeout(waiting);
        signal?.removeEventListener("abort", giveUp);
    }
    const holder: Holder = { ...identity(process.pid), since: new Date().toISOString() };
    writeFileSync(file, JSON.stringify(holder), { mode: 0o600 });
    try {
        return await action();
    } finally {
        keeper.stdin.end();
        await once(keeper, "close");
    }
}

async function acquired(keeper: ChildProcess): Promise<void> {
    const ended = once(keeper, "close").then(([code]) => {
        throw new Error(
            `flock, of the package util-linux, ended early (${code ?? "by a signal"}).`,
        );
    });
    await Promise.race([once(keeper.stdout!, "data"), ended]);
    ended.catch(() => undefined); // it ends later, when the lock is given back
}

function describeHolder(file: string): string {
    try {
        const holder = JSON.parse(readFileSync(file, "utf8")) as Holder;
        if (isAlive(holder))
            return `process ${holder.pid}, since ${holder.since.slice(11, 19)} UTC`;
    } catch {
        // just created, or being written
    }
    return "another process";
}
