import assert from "node:assert/strict";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { setTimeout } from "node:timers/promises";
import type { Stack } from "../../e2e/stack.ts";

/** One line of the engine's event log, as far as it is looked at here. */
export interface EngineEvent {
    resourcePreEvent?: { metadata: { op: string; urn: string; type: string } };
}

export interface How {
    /** `npm run up` in place of plain `pulumi up`. */
    npm?: boolean;
    under?: string[];
}

/** An update or a destruction that is under way and will be disturbed. */
export class Operation {
    readonly child: ChildProcess;
    output = "";
    private hasEnded = false;
    /** What was read of the event log when it was that long. */
    private read = { size: 0, events: [] as EngineEvent[] };
    private readonly folder = mkdtempSync(join(tmpdir(), "multinet-events-"));
    private readonly exit: Promise<unknown>;

    constructor(stack: Stack, verb: "up" | "destroy", { npm = false, under = [] }: How = {}) {
        const log = ["--event-log", join(this.folder, "events")];
        const args = [verb, "--yes", "--skip-preview", ...log];
        this.child = stack.start(args, { npm, under });
        for (const stream of [this.child.stdout!, this.child.stderr!]) {
            stream.on("data", (chunk: Buffer) => (this.output += chunk.toString()));
        }
        this.exit = once(this.child, "exit").then(() => {
            this.hasEnded = true;
            rmSync(this.folder, { recursive: true });
        });
    }

    /** Whether it came to its end, however that was. */
    get ended(): boolean {
        return this.hasEnded;
    }

    /** All that the engine has said so far, without a line that is being written. */
    get events(): EngineEvent[] {
        const file = join(this.folder, "events");
        const size = existsSync(file) ? statSync(file).size : 0;
        if (size !== this.read.size) {
            const lines = readFileSync(file, "utf8").split("\n").slice(0, -1).filter(Boolean);
            this.read = { size, events: lines.map((line) => JSON.parse(line) as EngineEvent) };
        }
        return this.read.events;
    }

    /** Waits until something is seen; undefined if it ended before. */
    async until<T>(look: () => T | undefined, seconds = 300): Promise<T | undefined> {
        const end = performance.now() + seconds * 1000;
        while (!this.hasEnded) {
            const found = look();
            if (found !== undefined) {
                return found;
            }
            assert.ok(performance.now() < end, `not seen within ${seconds} s`);
            await setTimeout(20);
        }
        return undefined;
    }

    /** Until the operation on a resource begins. */
    untilBegun(wanted: (event: { op: string; urn: string; type: string }) => boolean) {
        return this.until(
            () =>
                this.events
                    .map(({ resourcePreEvent }) => resourcePreEvent?.metadata)
                    .find((metadata) => metadata !== undefined && wanted(metadata))?.urn,
        );
    }

    /** The engine: the process itself, or the one that it started. */
    get engine(): number | undefined {
        return processes(this.child.pid!).find((pid) => nameOf(pid) === "pulumi");
    }

    /** The first process below it whose command line matches. */
    find(command: RegExp): number | undefined {
        return processes(this.child.pid!).find((pid) => command.test(commandOf(pid)));
    }

    /** Sends a signal to a process of it, which must be alive. */
    signal(pid: number | undefined, signal: NodeJS.Signals): void {
        assert.ok(pid !== undefined && !this.hasEnded, "the victim was at work");
        process.kill(pid, signal);
    }

    /** Kills the engine at once, with its plugins if that is wanted, and waits until it is gone. */
    async kill({ plugins = false } = {}): Promise<void> {
        const engine = this.engine;
        const below = plugins && engine !== undefined ? processes(engine) : [];
        this.signal(engine, "SIGKILL");
        for (const pid of below.filter((pid) => pid !== engine)) {
            killIfThere(pid);
        }
        await this.finished();
    }

    async finished(): Promise<number | null> {
        await this.exit;
        return this.child.exitCode;
    }
}

/** A process and all below it. A child belongs to the thread that started it. */
function processes(pid: number): number[] {
    const children = read(`/proc/${pid}/task`, (path) => readdirSync(path)).flatMap((task) =>
        read(`/proc/${pid}/task/${task}/children`, (path) =>
            readFileSync(path, "utf8").split(" ").filter(Boolean),
        ),
    );
    return [pid, ...children.map(Number).flatMap(processes)];
}

function nameOf(pid: number): string {
    return basename(commandOf(pid).split(" ")[0] ?? "");
}

function commandOf(pid: number): string {
    return read(`/proc/${pid}/cmdline`, (path) => [
        readFileSync(path, "utf8").replaceAll("\0", " "),
    ]).join("");
}

/** Nothing if the process has just gone. */
function read(path: string, how: (path: string) => string[]): string[] {
    try {
        return how(path);
    } catch {
        return [];
    }
}

function killIfThere(pid: number): void {
    try {
        process.kill(pid, "SIGKILL");
    } catch {
        // It ended with the engine.
    }
}
