import {
    existsSync,
    mkdirSync,
    mkdtempSync,
    readFileSync,
    rmdirSync,
    rmSync,
    writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { run } from "../system/process.ts";
import { mountOf, pathIn } from "./cgroup.ts";

export interface Options {
    cwd?: string;
    env?: Record<string, string>;
    signal: AbortSignal;
}

/** How CPU time is measured on this machine. */
export type Meter = "control group" | "waited-for children";

/** Milliseconds that processes which outlive their parent are given to end. */
const AFTERLIFE = 5000;

/** Enters the control group named first, and becomes the program named next. */
const ENTER = 'echo $$ > "$0/cgroup.procs"; exec "$@"';

/** Writes the CPU seconds of a program, and of the children that it waited for, to the file named first. */
const TIME = 'TIMEFORMAT="%3U %3S"; exec 3>&1 4>&2; { time "$@" >&3 2>&4; } 2>"$0"';

/** A control group of its own if this machine lets us make one; else less is seen, see `Meter`. */
export function meter(): Meter {
    try {
        removeGroup(makeGroup());
        return "control group";
    } catch {
        return "waited-for children";
    }
}

/**
 * Runs a program to its end and returns the CPU seconds, user and system, that it and all that it started used. What
 * it makes a daemon do (the container engine, an API server) is not among that.
 */
export function cpuSeconds(
    meter: Meter,
    program: string,
    args: string[],
    options: Options,
): Promise<number> {
    return meter === "control group"
        ? inGroup(program, args, options)
        : withBash(program, args, options);
}

async function inGroup(program: string, args: string[], options: Options): Promise<number> {
    const group = makeGroup();
    try {
        await run("sh", ["-c", ENTER, group, program, ...args], options);
        const end = Date.now() + AFTERLIFE;
        while (populated(group) && Date.now() < end) {
            await sleep(50);
        }
        const [, used] = /^usage_usec (\d+)$/m.exec(readFileSync(join(group, "cpu.stat"), "utf8"))!;
        return Number(used) / 1e6;
    } finally {
        if (populated(group)) {
            writeFileSync(join(group, "cgroup.kill"), "1");
            while (populated(group)) {
                await sleep(50);
            }
        }
        removeGroup(group);
    }
}

async function withBash(program: string, args: string[], options: Options): Promise<number> {
    const folder = mkdtempSync(join(tmpdir(), "multinet-time-"));
    const file = join(folder, "time");
    try {
        await run("bash", ["-c", TIME, file, program, ...args], options);
        const [user, system] = readFileSync(file, "utf8").trim().split(" ");
        return Number(user) + Number(system);
    } finally {
        rmSync(folder, { recursive: true });
    }
}

/** A new control group (version 2, which counts CPU time without any controller) below that of this process. */
function makeGroup(): string {
    const parent = join(mountOf("cgroup2"), pathIn("", readFileSync("/proc/self/cgroup", "utf8")));
    const group = join(parent, `multinet-bench-${process.pid}`);
    mkdirSync(group);
    if (!existsSync(join(group, "cpu.stat"))) {
        removeGroup(group);
        throw new Error(`${group} does not count CPU time`);
    }
    return group;
}

/** Only the directory can be removed: what looks like files in it is the kernel's. */
function removeGroup(group: string): void {
    rmdirSync(group);
}

function populated(group: string): boolean {
    return /^populated 1$/m.test(readFileSync(join(group, "cgroup.events"), "utf8"));
}
