import { execFileSync, spawn, type ChildProcess } from "node:child_process";
import { accessSync, constants, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";

/** Waits until `holds` returns something true and returns it; fails after `seconds`, saying what was awaited. */
export async function until<T>(
    what: string | (() => string),
    holds: () => T | undefined | false,
    seconds = 30,
): Promise<T> {
    const deadline = Date.now() + seconds * 1000;
    for (;;) {
        const value = holds();
        if (value) {
            return value;
        }
        if (Date.now() > deadline) {
            break;
        }
        await delay(20);
    }
    throw new Error(`not within ${seconds} s: ${typeof what === "string" ? what : what()}`);
}

/** Why network namespaces cannot be used here; undefined when they can. */
export function unavailable(...tools: string[]): string | undefined {
    if (process.getuid?.() !== 0) {
        return "needs root";
    }
    const missing = ["ip", "unshare", "mount", ...tools].filter((tool) => !onPath(tool));
    return missing.length > 0 ? `not on PATH: ${missing.join(", ")}` : undefined;
}

/** Skips a test, and says why, where network namespaces or these tools cannot be used. */
export function skipUnless(test: Mocha.Context, ...tools: string[]): void {
    const reason = unavailable(...tools);
    if (reason === undefined) {
        return;
    }
    console.log(`      skipped: ${reason}`);
    test.skip();
}

function onPath(tool: string): boolean {
    return (process.env["PATH"] ?? "").split(delimiter).some((folder) => {
        try {
            accessSync(join(folder, tool), constants.X_OK);
            return true;
        } catch {
            return false;
        }
    });
}

/** A program that runs like a container: in one network namespace, as process 1 of its own. */
export class Program {
    output = "";
    private readonly child: ChildProcess;

    constructor(child: ChildProcess) {
        this.child = child;
        child.stdout?.on("data", (data: Buffer) => (this.output += data.toString()));
        child.stderr?.on("data", (data: Buffer) => (this.output += data.toString()));
    }

    get ended(): boolean {
        return this.child.exitCode !== null || this.child.signalCode !== null;
    }

    get exitCode(): number | null {
        return this.child.exitCode;
    }

    /** To the program itself, as the kubelet sends it. */
    signal(signal: NodeJS.Signals): void {
        const pid = this.child.pid;
        const inner = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim();
        process.kill(Number(inner), signal);
    }

    async kill(): Promise<void> {
        if (!this.ended) {
            this.child.kill("SIGKILL");
        }
        await until("the program has ended", () => this.ended);
    }
}

/** Network namespaces, files and programs of one test; `close` removes all of them. */
export class Sandbox {
    readonly folder = mkdtempSync(join(tmpdir(), "multinet-charts-"));
    private readonly spaces: string[] = [];
    private readonly programs: Program[] = [];

    /** Makes a network namespace and returns its name. */
    space(): string {
        const name = `multinet-${process.pid}-${Math.random().toString(36).slice(2, 8)}`;
        execFileSync("ip", ["netns", "add", name]);
        this.spaces.push(name);
        this.ip(name, "link set lo up");
        return name;
    }

    /** Runs a command inside a namespace and returns what it printed; throws when it fails. */
    run(
        space: string,
        command: string[],
        options: { input?: string; env?: NodeJS.ProcessEnv } = {},
    ) {
        return execFileSync("ip", ["netns", "exec", space, ...command], {
            encoding: "utf8",
            stdio: ["pipe", "pipe", "pipe"],
            input: options.input ?? "",
            env: { ...process.env, ...options.env },
        });
    }

    ip(space: string, words: string): string {
        return this.run(space, ["ip", ...words.split(" ")]);
    }

    /** Starts a program inside a namespace, with `hosts` (a file) in the place of /etc/hosts. */
    start(
        space: string,
        command: string[],
        options: { hosts?: string; env?: NodeJS.ProcessEnv } = {},
    ) {
        const mount = 'mount --bind "$1" /etc/hosts && shift && exec "$@"';
        const inner = ["bash", "-c", mount, "bash", options.hosts ?? "/etc/hosts", ...command];
        const container = ["unshare", "--pid", "--fork", "--kill-child", ...inner];
        const child = spawn("ip", ["netns", "exec", space, ...container], {
            stdio: ["ignore", "pipe", "pipe"],
            env: { ...process.env, ...options.env },
        });
        const program = new Program(child);
        this.programs.push(program);
        return program;
    }

    async close(): Promise<void> {
        await Promise.all(this.programs.map((program) => program.kill()));
        for (const space of this.spaces) {
            execFileSync("ip", ["netns", "delete", space]);
        }
        rmSync(this.folder, { recursive: true, force: true });
    }
}
