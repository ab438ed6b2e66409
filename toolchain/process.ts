import { spawn, type ChildProcess } from "node:child_process";
import { closeSync, createReadStream, openSync, writeSync } from "node:fs";
import { pipeline } from "node:stream/promises";
import type { RunOptions } from "./piece.ts";

/** A program that could not be started, or did not end well. */
export class CommandError extends Error {
    readonly code: number | undefined;
    constructor(message: string, code?: number) {
        super(message);
        this.code = code;
    }
}

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
 * error when it fails.
 */
export async function run(
    program: string,
    args: string[],
    options: RunOptions & Recording = {},
): Promise<string> {
    options.signal?.throwIfAborted();
    const log = options.log === undefined ? undefined : openSync(options.log, "a", 0o600);
    const output = options.output === undefined ? undefined : openSync(options.output, "w", 0o600);
    if (log !== undefined) writeSync(log, `\n$ ${[program, ...args].join(" ")}\n`);
    try {
        // A process group of its own, so that all of it can be ended together.
        const child = spawn(program, args, {
            cwd: options.cwd,
            env: { ...process.env, ...options.env },
            stdio: [options.input === undefined ? "ignore" : "pipe", output ?? "pipe", "pipe"],
            detached: true,
        });
        const end = () => child.pid !== undefined && killGroup(child.pid);
        options.signal?.addEventListener("abort", end);
        try {
            return await collect(child, [program, ...args], options, log);
        } finally {
            options.signal?.removeEventListener("abort", end);
        }
    } finally {
        for (const file of [log, output]) if (file !== undefined) closeSync(file);
    }
}

/** Runs a program in the foreground, on this terminal; Ctrl-C is its business. Returns its exit code. */
export async function foreground(
    program: string,
    args: string[],
    options: { cwd?: string; env?: NodeJS.ProcessEnv } = {},
): Promise<number> {
    const child = spawn(program, args, { ...options, stdio: "inherit" });
    const ignore = () => undefined;
    const forward = (signal: NodeJS.Signals) => void child.kill(signal);
    process.on("SIGINT", ignore); // the terminal sent it to the child as well
    process.on("SIGTERM", forward).on("SIGHUP", forward);
    try {
        return await new Promise((resolve, reject) => {
            child.on("error", (error) => reject(notStarted(program, error)));
            child.on("close", (code, signal) => resolve(code ?? (signal === "SIGINT" ? 130 : 143)));
        });
    } finally {
        process.off("SIGINT", ignore);
        process.off("SIGTERM", forward).off("SIGHUP", forward);
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
        if (log !== undefined) writeSync(log, chunk);
        tail = (tail + chunk.toString()).slice(-16_384);
    };
    child.stdout?.on("data", (chunk: Buffer) => {
        stdout.push(chunk);
        record(chunk);
    });
    child.stderr?.on("data", record);
    const closed = new Promise<number>((resolve, reject) => {
        child.on("error", (error) => reject(notStarted(command[0]!, error)));
        child.on("close", (code, signal) => {
            if (code === 0) resolve(0);
            else reject(failure(command, signal ?? `exit code ${code}`, tail, code ?? undefined));
        });
    });
    await Promise.all([closed, feed(child, options.input)]);
    options.signal?.throwIfAborted();
    return Buffer.concat(stdout).toString();
}

/** A program that ends without reading all of its input is judged by how it ends. */
async function feed({ stdin }: ChildProcess, input: RunOptions["input"]): Promise<void> {
    stdin?.on("error", () => undefined);
    if (typeof input === "string") stdin?.end(input);
    else if (input) await pipeline(createReadStream(input.file), stdin!).catch(() => undefined);
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

function killGroup(pid: number): void {
    try {
        process.kill(-pid, "SIGTERM");
    } catch {
        // it has just ended
    }
}
