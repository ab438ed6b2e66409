import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { basename } from "node:path";
import { CAPABILITIES } from "./thisHost.ts";

/** What the kernel says of a process. */
export interface ProcessStat {
    pid: number;
    /** Who started it, or has taken it over. */
    parent: number;
    /** Its user. */
    uid: number;
    /** When it started, in units and from a moment that depend on the machine; undefined if it has ended (zombie). */
    start: number | undefined;
    /** Name of its program; Linux cuts it after 15 characters. */
    name: string;
}

/** A process with its command line. */
export interface RunningProcess {
    pid: number;
    args: string[];
}

/** All processes of a machine. A process may end between two questions. */
export interface ProcessTable {
    stats(): ProcessStat[];
    /** Undefined if it is gone. */
    stat(pid: number): ProcessStat | undefined;
    running(): RunningProcess[];
}

/** As Linux shows them, in /proc. */
export const procTable: ProcessTable = {
    stats: () => pids().flatMap((pid) => procTable.stat(pid) ?? []),
    stat(pid) {
        const stat = read(`/proc/${pid}/stat`);
        const uid = ownerOf(`/proc/${pid}`);
        if (uid === undefined || stat === "") {
            return undefined;
        }
        // The program's name, in parentheses, may hold anything.
        const name = stat.slice(stat.indexOf("(") + 1, stat.lastIndexOf(")"));
        const [state, parent, ...rest] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
        const start = state === "Z" ? undefined : Number(rest[17]);
        return { pid, parent: Number(parent), uid, start, name };
    },
    running: () =>
        pids().map((pid) => ({ pid, args: read(`/proc/${pid}/cmdline`).split("\0").slice(0, -1) })),
};

/** As the program `ps` lists them, on macOS. `ps` is for tests: it gets the arguments and returns what it prints. */
export function psTable(ps: (args: string[]) => string = runPs): ProcessTable {
    const columns = ["-ww", "-o", "pid=,ppid=,uid=,stat=,lstart=,comm="];
    const lines = (args: string[]) => ps(args).split("\n").filter(Boolean);
    return {
        stats: () => lines(["-A", ...columns]).flatMap(statOf),
        stat: (pid) => lines(["-p", String(pid), ...columns]).flatMap(statOf)[0],
        running: () => lines(["-A", "-ww", "-o", "pid=,args="]).flatMap(commandOf),
    };
}

/** The table of this machine. */
export const PROCESSES = CAPABILITIES.processes === "proc" ? procTable : psTable();

const STAT = /^ *(\d+) +(\d+) +(\d+) +(\S+) +(\S+ +\S+ +\d+ +[\d:]+ +\d{4}) +(.+)$/;

function statOf(line: string): ProcessStat[] {
    const [, pid, parent, uid, state, start = "", program = ""] = STAT.exec(line) ?? [];
    if (pid === undefined) {
        return [];
    }
    const time = state!.startsWith("Z") ? undefined : Date.parse(start) / 1000;
    const name = basename(program.trimEnd());
    return [{ pid: Number(pid), parent: Number(parent), uid: Number(uid), start: time, name }];
}

/** Arguments with spaces cannot be told from several. */
function commandOf(line: string): RunningProcess[] {
    const [, pid, args = ""] = /^ *(\d+) (.*)$/.exec(line) ?? [];
    return pid === undefined ? [] : [{ pid: Number(pid), args: args.split(" ") }];
}

/** Nothing if there is no such process. */
function runPs(args: string[]): string {
    try {
        const env = { ...process.env, LC_ALL: "C" };
        return execFileSync("ps", args, {
            env,
            encoding: "utf8",
            stdio: ["ignore", "pipe", "ignore"],
        });
    } catch {
        return "";
    }
}

function pids(): number[] {
    return readdirSync("/proc")
        .filter((name) => /^\d+$/.test(name))
        .map(Number);
}

/** Empty if the process is gone. */
function read(file: string): string {
    try {
        return readFileSync(file, "utf8");
    } catch {
        return "";
    }
}

function ownerOf(path: string): number | undefined {
    try {
        return statSync(path).uid;
    } catch {
        return undefined;
    }
}
