import { readdirSync, readlinkSync } from "node:fs";
import { PROCESSES, type RunningProcess } from "./processTable.ts";

export type { RunningProcess } from "./processTable.ts";

/** All processes that run now. */
export function runningProcesses(): RunningProcess[] {
    return PROCESSES.running();
}

/** Whether the process is of this user, and not one in a container. */
export function isOwn({ pid }: RunningProcess): boolean {
    // Where there are no such names, containers are in a virtual machine.
    const space = (of: number | string) => attempt(() => readlinkSync(`/proc/${of}/ns/pid`));
    return PROCESSES.stat(pid)?.uid === process.getuid?.() && space(pid) === space("self");
}

/** The program that it runs, without symbolic links; undefined if it is gone or not ours to know. */
export function programOf({ pid }: RunningProcess): string | undefined {
    return attempt(() => readlinkSync(`/proc/${pid}/exe`));
}

export function hasOpen({ pid }: RunningProcess, file: string): boolean {
    const folder = `/proc/${pid}/fd`;
    const open = attempt(() => readdirSync(folder)) ?? [];
    return open.some((name) => attempt(() => readlinkSync(`${folder}/${name}`)) === file);
}

/** For messages: number, command line and directory. */
export function describeProcess({ pid, args }: RunningProcess): string {
    const cwd = attempt(() => readlinkSync(`/proc/${pid}/cwd`));
    return `process ${pid} (${args.join(" ")}${cwd === undefined ? "" : `, in ${cwd}`})`;
}

/** This process and those that started it. */
export function ownLine(): number[] {
    const line: number[] = [];
    for (let pid = process.pid; pid > 0;) {
        line.push(pid);
        pid = parentOf(pid);
    }
    return line;
}

/** Who started a process, or has taken it over; 0 if it is gone. */
export function parentOf(pid: number): number {
    return PROCESSES.stat(pid)?.parent ?? 0;
}

/** A process may end between two looks at it; and only Linux has /proc. */
function attempt<T>(look: () => T): T | undefined {
    try {
        return look();
    } catch {
        return undefined;
    }
}
