import { readdirSync, readFileSync, readlinkSync, realpathSync } from "node:fs";
import { basename } from "node:path";
import { setTimeout } from "node:timers/promises";
import {
    identity,
    isAlive,
    programOf,
    type ProcessIdentity,
} from "../../system/processIdentity.ts";

/** Milliseconds between two looks at a process that was killed. */
const PAUSE = 20;

/** What the engine starts a program with. It lies in the cache, which is not this project's alone. */
const LANGUAGE_HOST = "pulumi-language-nodejs";

/**
 * Plugins in a folder, and language hosts at work on a project, that were started by a process of that name, which is
 * gone. A language host never ends by itself when its engine is killed.
 */
export function orphans(folder: string, project: string, parent: string): number[] {
    return readdirSync("/proc")
        .filter((name) => /^\d+$/.test(name))
        .map(Number)
        .filter((pid) => {
            const [program = ""] = read(`/proc/${pid}/cmdline`).split("\0");
            const isPlugin = program.startsWith(`${folder}/`);
            const isHost =
                basename(program) === LANGUAGE_HOST && directoryOf(pid) === realpathSync(project);
            if (!isPlugin && !isHost) {
                return false;
            }
            const [, ppid = ""] = /^PPid:\s+(\d+)$/m.exec(read(`/proc/${pid}/status`)) ?? [];
            return read(`/proc/${ppid}/comm`).trim() !== parent;
        });
}

/** Milliseconds for a process to be gone after it was killed. */
const KILL_TIMEOUT = 10_000;

/** Ends processes at once, and returns when they are gone. */
export async function kill(pids: number[]): Promise<void> {
    const processes = pids.map(identity);
    for (const one of processes) {
        if (isAlive(one)) {
            process.kill(one.pid, "SIGKILL");
        }
    }
    await untilGone(processes, KILL_TIMEOUT);
}

/**
 * Waits for the end of processes that were killed. Throws with those that do not end: the kernel waits for something in
 * their name, a disk or a network file system that does not answer.
 */
export async function untilGone(processes: ProcessIdentity[], timeout: number): Promise<void> {
    for (const end = performance.now() + timeout; processes.some(isAlive);) {
        if (performance.now() > end) {
            const left = processes.filter(isAlive).map(({ pid }) => {
                const state = /^State:\s+(.+)$/m.exec(read(`/proc/${pid}/status`))?.[1];
                return `${pid} (${programOf(pid) ?? "gone"}, state ${state ?? "unknown"})`;
            });
            throw new Error(
                `These processes were killed and do not end: ${left.join(", ")}. They wait for a device or a file ` +
                    "system; try again when that answers, or restart the machine.",
            );
        }
        await setTimeout(PAUSE);
    }
}

/** Undefined if the process is gone. */
function directoryOf(pid: number): string | undefined {
    try {
        return readlinkSync(`/proc/${pid}/cwd`);
    } catch {
        return undefined;
    }
}

/** Empty if the process is gone. */
function read(file: string): string {
    try {
        return readFileSync(file, "utf8");
    } catch {
        return "";
    }
}
