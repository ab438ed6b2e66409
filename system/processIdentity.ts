import { PROCESSES } from "./processTable.ts";

/** One process for good: numbers are used again, but not with the same start time. */
export interface ProcessIdentity {
    pid: number;
    /** When it started, as the table of processes has it; undefined when it is gone. */
    start: number | undefined;
}

/** Who has this number now. */
export function identity(pid: number): ProcessIdentity {
    return { pid, start: PROCESSES.stat(pid)?.start };
}

export function isAlive(process: ProcessIdentity): boolean {
    const now = identity(process.pid).start;
    return now !== undefined && now === process.start;
}

/** The name of the program that runs under this number, as the kernel has it; undefined if none does. */
export function programOf(pid: number): string | undefined {
    const stat = PROCESSES.stat(pid);
    return stat?.start === undefined ? undefined : stat.name;
}
