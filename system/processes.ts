import { readdirSync, readFileSync, readlinkSync, statSync } from "node:fs";

/** A process of this machine, as /proc shows it. */
export interface RunningProcess {
    pid: number;
    args: string[];
}

/** All processes that run now. */
export function runningProcesses(): RunningProcess[] {
    return readdirSync("/proc")
        .filter((name) => /^\d+$/.test(name))
        .map((name) => ({ pid: Number(name), args: argumentsOf(name) }));
}

/** Whether the process is of this user, and not one in a container. */
export function isOwn({ pid }: RunningProcess): boolean {
    return (
        attempt(() => statSync(`/proc/${pid}`).uid) === process.getuid?.() &&
        attempt(() => readlinkSync(`/proc/${pid}/ns/pid`)) === readlinkSync("/proc/self/ns/pid")
    );
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
    const status = attempt(() => readFileSync(`/proc/${pid}/status`, "utf8")) ?? "";
    return Number(/^PPid:\s+(\d+)$/m.exec(status)?.[1] ?? 0);
}

function argumentsOf(pid: string): string[] {
    const text = attempt(() => readFileSync(`/proc/${pid}/cmdline`, "utf8")) ?? "";
    return text.split("\0").slice(0, -1);
}

/** A process may end between two looks at it. */
function attempt<T>(look: () => T): T | undefined {
    try {
        return look();
    } catch {
        return undefined;
    }
}
