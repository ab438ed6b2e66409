import { readFileSync } from "node:fs";

/** One process for good: numbers are used again, but not with the same start time. */
export interface ProcessIdentity {
    pid: number;
    /** Clock ticks from the machine's start to the start of the process; undefined when it is gone. */
    start: number | undefined;
}

/** Who has this number now. */
export function identity(pid: number): ProcessIdentity {
    try {
        const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
        // The program's name, in parentheses, may hold anything; `start` is the 20th field after it.
        const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
        return { pid, start: fields[0] === "Z" ? undefined : Number(fields[19]) };
    } catch {
        return { pid, start: undefined };
    }
}

export function isAlive(process: ProcessIdentity): boolean {
    const now = identity(process.pid).start;
    return now !== undefined && now === process.start;
}

/** Clock ticks a second, as Linux reports times to programs on every architecture it is used on here. */
const TICKS = 100;

/** When the process started, in milliseconds since 1970; undefined when it is gone. */
export function startTime(pid: number): number | undefined {
    const { start } = identity(pid);
    if (start === undefined) return undefined;
    const boot = /^btime (\d+)$/m.exec(readFileSync("/proc/stat", "utf8"));
    return (Number(boot?.[1]) + start / TICKS) * 1000;
}
