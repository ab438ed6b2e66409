import { GRACE } from "../../../provider/exec.ts";
import { execute, type Outcome } from "../../../system/process.ts";

/** How a command runs. */
export interface Run {
    /** The program and its arguments before the command's text. */
    interpreter: string[];
    /** Default: the directory of the Pulumi program. */
    dir?: string | undefined;
    /** Added to the environment of this process. */
    environment: Record<string, string>;
    stdin: string;
    signal: AbortSignal;
    /** Called with each line of its output. */
    onLine(stream: "stdout" | "stderr", line: string): void;
}

/**
 * Runs a command to its end and returns its output, each stream without one last newline. Throws an error with the exit
 * code and all output when it fails. A cancelled command is stopped with all that it started.
 */
export async function run(command: string, how: Run): Promise<{ stdout: string; stderr: string }> {
    const [program = "", ...args] = how.interpreter;
    const outcome = await execute(program, [...args, command], {
        cwd: how.dir,
        env: how.environment,
        input: how.stdin,
        signal: how.signal,
        limit: Infinity,
        grace: GRACE,
        keep: Infinity,
        onLine: (stream, line) => how.onLine(stream, line),
    });
    if (outcome.code === 0) {
        return { stdout: chomp(outcome.stdout), stderr: chomp(outcome.stderr) };
    }
    const end = describe(program, how.dir, outcome);
    const cause = how.signal.aborted ? `cancelled (${end})` : end;
    throw new Error(`${cause}: running ${JSON.stringify(command)}:\n${outcome.said}`);
}

function describe(program: string, dir: string | undefined, outcome: Outcome): string {
    const { error, code, signal } = outcome;
    if (error) {
        return `cannot start ${program}${dir ? ` in ${dir}` : ""}: ${error.message}`;
    }
    if (code !== undefined) {
        return `exit status ${code}`;
    }
    return signal ? `signal ${signal}` : "it cannot even be killed";
}

function chomp(output: string): string {
    return output.replace(/\n$/, "");
}
