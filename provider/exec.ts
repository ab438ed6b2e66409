import { spawn } from "node:child_process";
import { createInterface } from "node:readline";

export interface ExecOptions {
    signal?: AbortSignal;
    /** Milliseconds; default one minute. */
    timeout?: number;
    /** Default: this process's environment without what only concerns Pulumi or the user's own clusters. */
    env?: NodeJS.ProcessEnv;
    /** Text for its standard input; empty by default. */
    input?: string;
    /** File descriptor it inherits, as its number 3. */
    inherit?: number;
    /** Called with each line of its standard error. */
    onLine?: (line: string) => void;
    /** Strings that must not show up in error messages. */
    secrets?: string[];
}

/** A program ran and failed, or could not be run. */
export class CommandFailed extends Error {
    /** Exit code; undefined if it was killed or never ran. */
    readonly code: number | undefined;
    readonly stdout: string;
    readonly stderr: string;

    constructor(message: string, result: { code?: number; stdout: string; stderr: string }) {
        super(message);
        this.code = result.code;
        this.stdout = result.stdout;
        this.stderr = result.stderr;
    }
}

/** A program took longer than it was given. */
export class CommandTimeout extends CommandFailed {}

/** For a question to which a program that fails says no. */
export function falseIfFailed(error: unknown): false {
    if (error instanceof CommandFailed) {
        return false;
    }
    throw error;
}

/** Milliseconds between asking a program to stop and killing it. */
const KILL_GRACE = 3000;

/** Milliseconds after that until a program counts as ended whatever it holds open, such as one that waits for a dead disk. */
const LAST_GRACE = 2000;

/** Lines of a program's errors that a message quotes. */
const QUOTED_LINES = 12;

/** The environment for child processes: no passphrases, no kubeconfig of the user's. */
export function cleanEnv(extra: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
    const kept = Object.entries(process.env).filter(
        ([name]) => name !== "KUBECONFIG" && !name.startsWith("PULUMI_"),
    );
    return { ...Object.fromEntries(kept), ...extra };
}

/**
 * Runs a program, without a shell, and returns its standard output. When it fails, times out or is aborted, its whole
 * process group is stopped and the error quotes its last lines.
 */
export function exec(program: string, args: string[], options: ExecOptions = {}): Promise<string> {
    const { signal, timeout = 60_000, env = cleanEnv(), input = "", inherit, onLine } = options;
    return new Promise((resolve, reject) => {
        if (signal?.aborted) {
            reject(abortError(signal));
            return;
        }
        const child = spawn(program, args, {
            env,
            // A group of its own, so that what it starts can be stopped with it.
            detached: true,
            stdio: ["pipe", "pipe", "pipe", ...(inherit === undefined ? [] : [inherit])],
        });
        const out: Buffer[] = [];
        const err: Buffer[] = [];
        child.stdout?.on("data", (chunk: Buffer) => out.push(chunk));
        child.stderr?.on("data", (chunk: Buffer) => err.push(chunk));
        const hide = hider(options.secrets ?? []);
        if (onLine && child.stderr) {
            createInterface(child.stderr).on("line", (line) => {
                onLine(hide(line));
            });
        }
        // A program may end without reading its input.
        child.stdin?.on("error", () => undefined);
        child.stdin?.end(input);

        let stopReason: "timeout" | "abort" | undefined;
        let killer: NodeJS.Timeout | undefined;
        const stop = (reason: "timeout" | "abort") => {
            stopReason ??= reason;
            killGroup(child.pid, "SIGTERM");
            killer ??= setTimeout(() => {
                killGroup(child.pid, "SIGKILL");
                killer = setTimeout(() => {
                    child.stdout?.destroy();
                    child.stderr?.destroy();
                    child.unref();
                    finish(null);
                }, LAST_GRACE);
            }, KILL_GRACE);
        };
        const onAbort = () => {
            stop("abort");
        };
        signal?.addEventListener("abort", onAbort);
        const timer = setTimeout(() => {
            stop("timeout");
        }, timeout);
        const settle = () => {
            signal?.removeEventListener("abort", onAbort);
            clearTimeout(timer);
            clearTimeout(killer);
        };

        child.on("error", (error: NodeJS.ErrnoException) => {
            settle();
            reject(new CommandFailed(notRunnable(program, error), { stdout: "", stderr: "" }));
        });
        child.on("close", finish);

        function finish(code: number | null): void {
            settle();
            const stdout = Buffer.concat(out).toString();
            const stderr = hide(Buffer.concat(err).toString());
            const result = { stdout, stderr, ...(code === null ? {} : { code }) };
            const what = hide([program, ...args].join(" "));
            if (stopReason === "abort" && signal) {
                reject(abortError(signal));
            } else if (stopReason === "timeout") {
                const said = quote(stderr);
                reject(new CommandTimeout(`${what}: not done after ${timeout} ms${said}`, result));
            } else if (code === 0) {
                resolve(stdout);
            } else {
                const end = code === null ? "was killed" : `failed with code ${code}`;
                reject(new CommandFailed(`${what}: ${end}${quote(stderr)}`, result));
            }
        }
    });
}

function abortError(signal: AbortSignal): Error {
    return signal.reason instanceof Error ? signal.reason : new Error("cancelled");
}

function killGroup(pid: number | undefined, signal: NodeJS.Signals): void {
    try {
        if (pid !== undefined) {
            process.kill(-pid, signal);
        }
    } catch {
        // gone already
    }
}

function notRunnable(program: string, error: NodeJS.ErrnoException): string {
    return error.code === "ENOENT"
        ? `${program} is not on PATH; \`npm run up\` brings it, or type: eval "$(npm run -s env)"`
        : `${program} cannot be run: ${error.message}`;
}

/** The password of a URL, such as a proxy's, which programs quote in their errors: `scheme://user:password@host`. */
const PASSWORD = /(\b[a-z][a-z0-9+.-]*:\/\/[^\s/:@]*:)[^\s/]*@/gi;

/** Makes a text fit to be shown: without the secrets, and without the passwords of URLs. */
function hider(secrets: string[]): (text: string) => string {
    return (text) =>
        secrets
            .reduce((shown, secret) => (secret ? shown.replaceAll(secret, "***") : shown), text)
            .replaceAll(PASSWORD, "$1***@");
}

function quote(stderr: string): string {
    const lines = stderr.trim().split("\n").slice(-QUOTED_LINES).join("\n");
    return lines === "" ? "" : `\n${lines}`;
}
