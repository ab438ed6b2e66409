import type { ChildProcess } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";

/** Milliseconds for a program to end by itself when it is asked to, and to be gone after it was killed. */
const GRACE = 5_000;

const running = new Set<ProcessGroup>();

/** Kills at once all that `run` has started and that still runs. */
export function killRunning(): void {
    for (const group of running) {
        group.signal("SIGKILL");
    }
}

/** A program with all that it starts: its child process leads a process group of its own. */
export class ProcessGroup {
    private readonly child: ChildProcess;
    private timer: NodeJS.Timeout | undefined;
    /** Rejects when the program does not even end when it is killed. */
    readonly immortal: Promise<never>;
    private giveUp: (error: Error) => void = () => undefined;

    constructor(child: ChildProcess) {
        this.child = child;
        this.immortal = new Promise((_resolve, reject) => (this.giveUp = reject));
        this.immortal.catch(() => undefined);
        running.add(this);
        child.once("close", () => this.forget());
        child.once("error", () => this.forget());
    }

    /** Asks it to end; kills it when it does not. */
    end(): void {
        if (this.timer || !running.has(this)) {
            return;
        }
        this.signal("SIGTERM");
        this.timer = setTimeout(() => {
            this.kill();
        }, GRACE);
    }

    signal(signal: NodeJS.Signals): void {
        if (this.child.pid === undefined) {
            return;
        }
        try {
            process.kill(-this.child.pid, signal);
        } catch {
            // it has just ended
        }
    }

    private kill(): void {
        this.signal("SIGKILL");
        // What has left the group may hold the other ends of these.
        this.child.stdout?.destroy();
        this.child.stderr?.destroy();
        this.timer = setTimeout(() => {
            this.forget();
            this.child.unref();
            this.giveUp(new Error(`process ${this.child.pid} cannot even be killed`));
        }, GRACE);
    }

    private forget(): void {
        clearTimeout(this.timer);
        running.delete(this);
    }
}

/** Kills a process and all that descends from it, however it is grouped. */
export function killTree(pid: number): void {
    for (const one of [pid, ...descendants(pid)]) {
        try {
            process.kill(one, "SIGKILL");
        } catch {
            // it has just ended
        }
    }
}

function descendants(pid: number): number[] {
    const children = Map.groupBy(
        readdirSync("/proc").filter((name) => /^\d+$/.test(name)),
        (name) => parent(Number(name)),
    );
    const found: number[] = [];
    for (let next = [pid]; next.length > 0;) {
        next = next.flatMap((one) => children.get(one) ?? []).map(Number);
        found.push(...next);
    }
    return found;
}

function parent(pid: number): number | undefined {
    try {
        const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
        // The program's name, in parentheses, may hold anything; after it come the state and the parent.
        return Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]);
    } catch {
        return undefined; // it has just ended
    }
}
