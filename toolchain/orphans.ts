import { readdirSync, readFileSync } from "node:fs";
import { setTimeout } from "node:timers/promises";
import { identity, isAlive } from "./processIdentity.ts";

/** Milliseconds between two looks at a process that was killed. */
const PAUSE = 20;

/** Processes of programs in a folder that were started by a process of that name, which is gone. */
export function orphans(folder: string, parent: string): number[] {
    return readdirSync("/proc")
        .filter((name) => /^\d+$/.test(name))
        .map(Number)
        .filter((pid) => {
            const [program = ""] = read(`/proc/${pid}/cmdline`).split("\0");
            if (!program.startsWith(`${folder}/`)) return false;
            const [, ppid = ""] = /^PPid:\s+(\d+)$/m.exec(read(`/proc/${pid}/status`)) ?? [];
            return read(`/proc/${ppid}/comm`).trim() !== parent;
        });
}

/** Ends processes at once, and returns when they are gone. */
export async function kill(pids: number[]): Promise<void> {
    const processes = pids.map(identity);
    for (const one of processes) if (isAlive(one)) process.kill(one.pid, "SIGKILL");
    while (processes.some(isAlive)) await setTimeout(PAUSE);
}

/** Empty if the process is gone. */
function read(file: string): string {
    try {
        return readFileSync(file, "utf8");
    } catch {
        return "";
    }
}
