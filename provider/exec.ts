import { CommandFailed, CommandTimeout, execute } from "../system/process.ts";
import { lastWords } from "./lastWords.ts";
import { patient } from "../plan/patience.ts";

export interface ExecOptions {
    signal?: AbortSignal;
    /** Milliseconds; default one minute. On a slow machine longer (plan/patience.ts). */
    timeout?: number;
    /** Added to this process's environment without what only concerns Pulumi or the user's own clusters. */
    env?: NodeJS.ProcessEnv;
    /** Text for its standard input; empty by default. */
    input?: string;
    /** File descriptor it inherits, as its number 3. */
    inherit?: number;
    /** File descriptor that stays open as long as the program runs, but that neither it nor what it starts gets. */
    hold?: number;
    /** Called with each line of its standard error. */
    onLine?: (line: string) => void;
    /** Strings that must not show up in error messages. */
    secrets?: string[];
}

/** For a question to which a program that fails says no. */
export function falseIfFailed(error: unknown): false {
    if (error instanceof CommandFailed) {
        return false;
    }
    throw error;
}

/** Milliseconds that a plugin gives a program to end when it is asked to, and to be gone after it was killed. */
export const GRACE = { end: 3_000, kill: 2_000 };

/** Characters of a program's errors that are kept. */
const KEPT = 1 << 20;

/**
 * Runs a program, without a shell, and returns its standard output. When it fails, times out or is aborted, its whole
 * process group is stopped and the error quotes its last lines.
 */
export async function exec(
    program: string,
    args: string[],
    options: ExecOptions = {},
): Promise<string> {
    const { signal, timeout = 60_000, env, input = "", onLine, secrets = [] } = options;
    const hide = hider(secrets);
    const outcome = await execute(program, args, {
        signal,
        input,
        inherit: options.inherit,
        hold: options.hold,
        limit: timeout,
        grace: GRACE,
        keep: KEPT,
        env: { ...withheld(), ...env },
        onLine: onLine && ((stream, line) => stream === "stderr" && onLine(hide(line))),
    });
    signal?.throwIfAborted();
    const { code, late, error, stdout } = outcome;
    const stderr = hide(outcome.stderr);
    const result = { code, stdout, stderr };
    if (error) {
        throw new CommandFailed(notRunnable(program, error), result);
    }
    const what = hide([program, ...args].join(" "));
    if (late) {
        const message = `${what}: not done after ${patient(timeout)} ms${quote(stderr)}`;
        throw new CommandTimeout(message, result);
    }
    if (code !== 0) {
        const end = code === undefined ? "was killed" : `failed with code ${code}`;
        throw new CommandFailed(`${what}: ${end}${quote(stderr)}`, result);
    }
    return stdout;
}

/** Takes passphrases and the user's kubeconfig from the environment of a program. */
function withheld(): NodeJS.ProcessEnv {
    const names = Object.keys(process.env).filter(
        (name) => name === "KUBECONFIG" || name.startsWith("PULUMI_"),
    );
    return Object.fromEntries(names.map((name) => [name, undefined]));
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
    const lines = lastWords(stderr);
    return lines === "" ? "" : `\n${lines}`;
}
