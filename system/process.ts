import { spawn, type ChildProcess } from "node:child_process";
import { closeSync, createReadStream, openSync, writeSync } from "node:fs";
import { pipeline } from "node:stream/promises";
import { interrupts } from "./interrupts.ts";
import { killTree, ProcessGroup } from "./processGroup.ts";
import { duration } from "./progress.ts";

/** How a program is run. */
export interface RunOptions {
    cwd?: string;
    /** Added to the environment of this process. */
    env?: Record<string, string>;
    /** Text for standard input; or a file to read it from; or a stream. */
    input?: string | { file: string } | AsyncIterable<Buffer>;
    /** File that standard output goes to, in place of the returned text. */
    output?: string;
    /** Milliseconds after which it is ended. */
    limit?: number;
}

/** A program that could not be started, or did not end well. */
export class CommandError extends Error {
    readonly code: number | undefined;
    constructor(message: string, code?: number) {
        super(message);
        this.code = code;
    }
}

/** Milliseconds that programs may take, where nothing else is said. */
export const LIMITS = {
    /** To say something about itself. */
    answer: 30_000,
    /** To do its work. */
    work: 10 * 60_000,
    /** To download or build: compilers are silent for long, and slow machines exist. */
    build: 3 * 60 * 60_000,
} as const;

/** Lines of a failed program that its error shows. */
const TAIL = 20;

export interface Recording {
    /** File that gets everything the program writes. */
    log?: string | undefined;
    /** Ends the program and all that it started. */
    signal?: AbortSignal | undefined;
}

/**
 * Runs a program to its end, without a shell, and returns its standard output. What it wrote last is part of the
 * error when it fails, or is ended because it takes longer than `limit`.
 */
export async function run(
    program: string,
    args: string[],
    options: RunOptions & Recording = {},
): Promise<string> {
    options.signal?.throwIfAborted();
    const log = options.log === undefined ? undefined : openSync(options.log, "a", 0o600);
    const output = options.output === undefined ? undefined : openSync(options.output, "w", 0o600);
    if (log !== undefined) {
        writeSync(log, `\n$ ${[program, ...args].join(" ")}\n`);
    }
    try {
        // A process group of its own, so that all of it can be ended together.
        const child = spawn(program, args, {
            cwd: options.cwd,
            env: { ...process.env, ...options.env },
            stdio: [options.input === undefined ? "ignore" : "pipe", output ?? "pipe", "pipe"],
            detached: true,
        });
        return await untilItEnds(child, [program, ...args], options, log);
    } finally {
        for (const file of [log, output]) {
            if (file !== undefined) {
                closeSync(file);
            }
        }
    }
}

/** Runs a program in the foreground, on this terminal, whose Ctrl-C is its business. Returns its exit code. */
export async function foreground(
    program: string,
    args: string[],
    options: { cwd?: string; env?: NodeJS.ProcessEnv } = {},
): Promise<number> {
    const child = spawn(program, args, { ...options, stdio: "inherit" });
    const ended = new Promise<number>((resolve, reject) => {
        child.on("error", (error) => reject(notStarted(program, error)));
        child.on("close", (code, signal) => resolve(code ?? (signal === "SIGINT" ? 130 : 143)));
    });
    const control = {
        forward: (signal: NodeJS.Signals) => void child.kill(signal),
        kill: () => child.pid !== undefined && killTree(child.pid),
    };
    return interrupts.during(control, ended);
}

async function untilItEnds(
    child: ChildProcess,
    command: string[],
    options: RunOptions & Recording,
    log: number | undefined,
): Promise<string> {
    const { signal, limit = LIMITS.work } = options;
    const group = new ProcessGroup(child);
    let late = false;
    const timer = setTimeout(() => {
        late = true;
        group.end();
    }, limit);
    const end = () => group.end();
    signal?.addEventListener("abort", end);
    try {
        return await Promise.race([collect(child, command, options, log), group.immortal]);
    } catch (error) {
        signal?.throwIfAborted();
        if (!late) {
            throw error;
        }
        throw new CommandError(
            `It was ended after ${duration(limit)}. ${(error as Error).message}`,
        );
    } finally {
        clearTimeout(timer);
        signal?.removeEventListener("abort", end);
    }
}

async function collect(
    child: ChildProcess,
    command: string[],
    options: RunOptions & Recording,
    log: number | undefined,
): Promise<string> {
    const stdout: Buffer[] = [];
    let tail = "";
    const record = (chunk: Buffer) => {
        if (log !== undefined) {
            writeSync(log, chunk);
        }
        tail = (tail + chunk.toString()).slice(-16_384);
    };
    child.stdout?.on("data", (chunk: Buffer) => {
        stdout.push(chunk);
        record(chunk);
    });
    child.stderr?.on("data", record);
    const closed = new Promise<Error | undefined>((resolve) => {
        child.on("error", (error) => resolve(notStarted(command[0]!, error)));
        child.on("close", (code, signal) => {
            const how = signal ?? `exit code ${code}`;
            resolve(code === 0 ? undefined : failure(command, how, tail, code ?? undefined));
        });
    });
    const [failed, broken] = await Promise.all([closed, pipeInto(child, options.input)]);
    options.signal?.throwIfAborted();
    const error = broken ?? failed;
    if (error) {
        throw error;
    }
    return Buffer.concat(stdout).toString();
}

/** Returns why the input could not be read. A program that ends without reading all of it is judged by how it ends. */
async function pipeInto(
    { stdin }: ChildProcess,
    input: RunOptions["input"],
): Promise<Error | undefined> {
    if (!stdin || input === undefined) {
        return undefined;
    }
    const source =
        typeof input === "string"
            ? [input]
            : "file" in input
              ? createReadStream(input.file)
              : input;
    try {
        await pipeline(source, stdin);
        return undefined;
    } catch (error) {
        const { code = "" } = error as NodeJS.ErrnoException;
        const stopped = ["EPIPE", "ECONNRESET", "ERR_STREAM_PREMATURE_CLOSE"].includes(code);
        return stopped ? undefined : (error as Error);
    }
}

function failure(command: string[], how: string, tail: string, code?: number): CommandError {
    const lines = tail.trimEnd().split("\n").slice(-TAIL);
    const said = tail.trim() ? `Its last lines:\n  ${lines.join("\n  ")}` : "It said nothing.";
    return new CommandError(`"${command.join(" ")}" ended with ${how}. ${said}`, code);
}

function notStarted(program: string, error: NodeJS.ErrnoException): CommandError {
    const why = error.code === "ENOENT" ? "there is no such program on PATH" : error.message;
    return new CommandError(`Could not start "${program}": ${why}.`);
}
