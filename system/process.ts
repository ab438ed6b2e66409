import { spawn, type ChildProcess } from "node:child_process";
import { closeSync, createReadStream, openSync, writeSync } from "node:fs";
import { createInterface } from "node:readline";
import { pipeline } from "node:stream/promises";
import { interrupts } from "./interrupts.ts";
import { killTree, ProcessGroup, type End, type Grace } from "./processGroup.ts";
import { duration } from "./progress.ts";
import { patient } from "../plan/patience.ts";

/** How a program is run. */
export interface RunOptions {
    cwd?: string | undefined;
    /** Added to the environment of this process; a variable that is undefined is taken from it. */
    env?: NodeJS.ProcessEnv;
    /** Text for standard input; or a file to read it from; or a stream. */
    input?: string | { file: string } | AsyncIterable<Buffer>;
    /** File that standard output goes to, in place of the returned text. */
    output?: string;
    /** File descriptor that it inherits, as its number 3. */
    inherit?: number | undefined;
    /** File descriptor that stays open as long as the program runs, but that neither it nor what it starts gets. */
    hold?: number | undefined;
    /** Milliseconds after which it is ended; on a slow machine longer (plan/patience.ts). */
    limit?: number;
    /** How it is ended. */
    grace?: Grace;
    /** Characters that are kept of its standard error, and of all that it writes: the last ones. */
    keep?: number;
    /** Called with each line that it writes. */
    onLine?: ((stream: "stdout" | "stderr", line: string) => unknown) | undefined;
}

export interface Recording {
    /** File that gets everything the program writes. */
    log?: string | undefined;
    /** Ends the program and all that it started. */
    signal?: AbortSignal | undefined;
}

/** How a program ended, and what it wrote. */
export interface Outcome extends End {
    /** It was ended because it took too long. */
    late: boolean;
    /** All of it, unless it went to a file. */
    stdout: string;
    stderr: string;
    /** Both streams together. */
    said: string;
}

/** A program that could not be started, or did not end well. */
export class CommandFailed extends Error {
    /** Exit code; undefined if it was killed or never ran. */
    readonly code: number | undefined;
    readonly stdout: string;
    readonly stderr: string;

    constructor(
        message: string,
        {
            code,
            stdout = "",
            stderr = "",
        }: Partial<Pick<Outcome, "code" | "stdout" | "stderr">> = {},
    ) {
        super(message);
        this.code = code;
        this.stdout = stdout;
        this.stderr = stderr;
    }
}

/** A program took longer than it was given. */
export class CommandTimeout extends CommandFailed {}

/** Milliseconds that programs may take, where nothing else is said. */
export const LIMITS = {
    /** To say something about itself. */
    answer: 30_000,
    /** To do its work. */
    work: 10 * 60_000,
    /** To download or build: compilers are silent for long, and slow machines exist. */
    build: 3 * 60 * 60_000,
} as const;

/** Characters of what a program writes that are kept for its error, and lines of them that the error shows. */
const KEPT = 16_384;
const TAIL = 20;

/**
 * Runs a program to its end, without a shell, and returns its standard output. What it wrote last is part of the
 * error when it fails, or is ended because it takes longer than `limit`.
 */
export async function run(
    program: string,
    args: string[],
    options: RunOptions & Recording = {},
): Promise<string> {
    const outcome = await execute(program, args, options);
    options.signal?.throwIfAborted();
    if (outcome.code === 0) {
        return outcome.stdout;
    }
    const what = describe([program, ...args], outcome);
    if (outcome.late) {
        const limit = duration(patient(options.limit ?? LIMITS.work));
        throw new CommandTimeout(`It was ended after ${limit}. ${what}`, outcome);
    }
    throw new CommandFailed(what, outcome);
}

/** Runs a program to its end, without a shell, and leaves it to the caller to judge how it ended. */
export async function execute(
    program: string,
    args: string[],
    options: RunOptions & Recording = {},
): Promise<Outcome> {
    options.signal?.throwIfAborted();
    const log = options.log === undefined ? undefined : openSync(options.log, "a", 0o600);
    const output = options.output === undefined ? undefined : openSync(options.output, "w", 0o600);
    if (log !== undefined) {
        writeSync(log, `\n$ ${[program, ...args].join(" ")}\n`);
    }
    const { cwd, input, inherit, hold } = options;
    try {
        const [command, argv] = hold === undefined ? [program, args] : held(program, args);
        const child = spawn(command, argv, {
            cwd,
            env: { ...process.env, ...options.env },
            stdio: [
                input === undefined ? "ignore" : "pipe",
                output ?? "pipe",
                "pipe",
                ...[inherit ?? hold].filter((one) => one !== undefined),
            ],
            // A process group of its own, so that all of it can be ended together.
            detached: true,
        });
        const written = listen(child, options, log);
        const end = await untilItEnds(child, options);
        return { ...end, ...written, ...(hold !== undefined && notFound(program, end)) };
    } finally {
        for (const file of [log, output]) {
            if (file !== undefined) {
                closeSync(file);
            }
        }
    }
}

/** A shell that keeps its descriptor 3 and waits for the program, which runs without it. */
function held(program: string, args: string[]): [string, string[]] {
    // The last command must not be the program, or the shell would become that.
    return ["/bin/sh", ["-c", '"$0" "$@" 3>&-; exit "$?"', program, ...args]];
}

/** What such a shell means by its exit code 127. */
function notFound(program: string, { code }: End): Pick<End, "code" | "error"> | undefined {
    const error = Object.assign(new Error(`${program}: not found`), { code: "ENOENT" });
    return code === 127 ? { code: undefined, error } : undefined;
}

/** Runs a program in the foreground, on this terminal, whose Ctrl-C is its business. Returns its exit code. */
export async function foreground(
    program: string,
    args: string[],
    options: { cwd?: string; env?: NodeJS.ProcessEnv } = {},
): Promise<number> {
    const child = spawn(program, args, { ...options, stdio: "inherit" });
    const ended = new Promise<number>((resolve, reject) => {
        child.on("error", (error) => reject(new CommandFailed(notStarted(program, error))));
        child.on("close", (code, signal) => resolve(code ?? (signal === "SIGINT" ? 130 : 143)));
    });
    const control = {
        forward: (signal: NodeJS.Signals) => void child.kill(signal),
        kill: () => child.pid !== undefined && killTree(child.pid),
    };
    return interrupts.during(control, ended);
}

/** Collects what a program writes, as it writes it. */
function listen(
    child: ChildProcess,
    { keep = KEPT, onLine }: RunOptions,
    log: number | undefined,
): Pick<Outcome, "stdout" | "stderr" | "said"> {
    const written = { stdout: "", stderr: "", said: "" };
    for (const name of ["stdout", "stderr"] as const) {
        const stream = child[name];
        stream?.setEncoding("utf8").on("data", (chunk: string) => {
            if (log !== undefined) {
                writeSync(log, chunk);
            }
            written[name] = (written[name] + chunk).slice(name === "stdout" ? 0 : -keep);
            written.said = (written.said + chunk).slice(-keep);
        });
        if (stream && onLine) {
            createInterface(stream).on("line", (line) => onLine(name, line));
        }
    }
    return written;
}

async function untilItEnds(
    child: ChildProcess,
    { input, signal, limit = LIMITS.work, grace }: RunOptions & Recording,
): Promise<End & { late: boolean }> {
    const group = new ProcessGroup(child, grace);
    let late = false;
    const expire = () => {
        late = true;
        group.end();
    };
    const timer = limit === Infinity ? undefined : setTimeout(expire, patient(limit));
    const abort = () => group.end();
    signal?.addEventListener("abort", abort);
    try {
        const [end, broken] = await Promise.all([group.ended, pipeInto(child, input)]);
        if (broken) {
            signal?.throwIfAborted();
            throw broken;
        }
        return { ...end, late };
    } finally {
        clearTimeout(timer);
        signal?.removeEventListener("abort", abort);
    }
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

function describe(command: string[], { error, code, signal, said }: Outcome): string {
    if (error) {
        return notStarted(command[0]!, error);
    }
    const end = code === undefined ? signal : `exit code ${code}`;
    const how = end ? `ended with ${end}` : "cannot even be killed";
    const lines = said.trimEnd().split("\n").slice(-TAIL);
    const words = said.trim() ? `Its last lines:\n  ${lines.join("\n  ")}` : "It said nothing.";
    return `"${command.join(" ")}" ${how}. ${words}`;
}

function notStarted(program: string, error: NodeJS.ErrnoException): string {
    const why = error.code === "ENOENT" ? "there is no such program on PATH" : error.message;
    return `Could not start "${program}": ${why}.`;
}
