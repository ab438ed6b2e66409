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

/** The name of the program that runs under this number, as the kernel has it; undefined if none does. */
export function programOf(pid: number): string | undefined {
    if (identity(pid).start === undefined) {
        return undefined;
    }
    try {
        return readFileSync(`/proc/${pid}/comm`, "utf8").trimEnd();
    } catch {
        return undefined; // it has just ended
    }
}
