import type { ChildProcess } from "node:child_process";
import { PROCESSES } from "./processTable.ts";

/** Milliseconds for a program to end by itself when it is asked to, and to be gone after it was killed. */
export interface Grace {
    end: number;
    kill: number;
}

const GRACE: Grace = { end: 5_000, kill: 5_000 };

/** How a program ended. Nothing is known of one that does not even end when it is killed. */
export interface End {
    code?: number | undefined;
    /** The signal that ended it. */
    signal?: NodeJS.Signals | undefined;
    /** Why it could not be started. */
    error?: NodeJS.ErrnoException;
}

const running = new Set<ProcessGroup>();

/** Kills at once all that `execute` has started and that still runs. */
export function killRunning(): void {
    for (const group of running) {
        group.signal("SIGKILL");
    }
}

/** A program with all that it starts: its child process leads a process group of its own. */
export class ProcessGroup {
    private readonly child: ChildProcess;
    private readonly grace: Grace;
    private timer: NodeJS.Timeout | undefined;
    readonly ended: Promise<End>;
    private resolve: (end: End) => void = () => undefined;

    constructor(child: ChildProcess, grace = GRACE) {
        this.child = child;
        this.grace = grace;
        this.ended = new Promise((resolve) => (this.resolve = resolve));
        running.add(this);
        child.once("close", (code, signal) =>
            this.forget({ code: code ?? undefined, signal: signal ?? undefined }),
        );
        child.once("error", (error) => this.forget({ error }));
    }

    /** Asks it to end; kills it when it does not. */
    end(): void {
        if (this.timer || !running.has(this)) {
            return;
        }
        this.signal("SIGTERM");
        this.timer = setTimeout(() => this.kill(), this.grace.end);
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
        for (const stream of [this.child.stdin, this.child.stdout, this.child.stderr]) {
            stream?.destroy();
        }
        this.timer = setTimeout(() => {
            this.child.unref();
            this.forget({});
        }, this.grace.kill);
    }

    private forget(end: End): void {
        clearTimeout(this.timer);
        running.delete(this);
        this.resolve(end);
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
    const children = Map.groupBy(PROCESSES.stats(), ({ parent }) => parent);
    const found: number[] = [];
    for (let next = [pid]; next.length > 0;) {
        next = next.flatMap((one) => children.get(one) ?? []).map(({ pid }) => pid);
        found.push(...next);
    }
    return found;
}
