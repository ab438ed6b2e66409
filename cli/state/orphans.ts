import { readFileSync, readlinkSync, realpathSync } from "node:fs";
import { basename } from "node:path";
import { setTimeout } from "node:timers/promises";
import {
    identity,
    isAlive,
    programOf,
    type ProcessIdentity,
} from "../../system/processIdentity.ts";
import { parentOf, runningProcesses } from "../../system/processes.ts";
import { patient } from "../../plan/patience.ts";

/** Milliseconds between two looks at a process that was killed. */
const PAUSE = 20;

/** What the engine starts a program with. It lies in the cache, which is not this project's alone. */
const LANGUAGE_HOST = "pulumi-language-nodejs";

/** What the language host starts, and what in turn starts the program. */
const RUNNER = "/@pulumi/pulumi/cmd/run/index.js";

/** How much of a program's name the kernel of Linux keeps, in characters. */
const KEPT = 15;

/**
 * Plugins in a folder, and language hosts and programs at work on a project, that were started by a process of the name
 * `engine`, which is gone. A language host never ends by itself when its engine is killed; a program that can tell nobody
 * of that tries for ever.
 */
export function orphans(folder: string, project: string, engine: string): number[] {
    const all = runningProcesses();
    const lost = all.filter(
        ({ pid, args: [program = ""] }) =>
            (program.startsWith(`${folder}/`) ||
                (basename(program) === LANGUAGE_HOST && isAtWorkOn(project, pid))) &&
            programOf(parentOf(pid)) !== engine,
    );
    const programs = all.filter(
        ({ pid, args: [, script = ""] }) =>
            script.endsWith(RUNNER) &&
            isAtWorkOn(project, pid) &&
            (programOf(parentOf(pid))?.slice(0, KEPT) !== LANGUAGE_HOST.slice(0, KEPT) ||
                lost.some((host) => host.pid === parentOf(pid))),
    );
    return [...lost, ...programs].map(({ pid }) => pid);
}

/** Milliseconds for a process to be gone after it was killed. */
const KILL_TIMEOUT = patient(10_000);

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

/** No if the process is gone, or if the machine does not tell where a process is at work. */
function isAtWorkOn(project: string, pid: number): boolean {
    try {
        return readlinkSync(`/proc/${pid}/cwd`) === realpathSync(project);
    } catch {
        return false;
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
