import { spawn } from "node:child_process";
import { createInterface } from "node:readline";

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

/** Milliseconds between asking a cancelled command to stop and killing it. */
const KILL_GRACE = 3000;

/**
 * Runs a command to its end and returns its output, each stream without one last newline. Throws an error with the exit
 * code and all output when it fails. A cancelled command is stopped with all that it started.
 */
export function run(command: string, how: Run): Promise<{ stdout: string; stderr: string }> {
    const [program = "", ...args] = how.interpreter;
    return new Promise((resolve, reject) => {
        how.signal.throwIfAborted();
        const child = spawn(program, [...args, command], {
            cwd: how.dir,
            env: { ...process.env, ...how.environment },
            // A process group of its own, so that what it starts can be stopped with it.
            detached: true,
        });
        const streams = { stdout: "", stderr: "" };
        let both = "";
        for (const name of ["stdout", "stderr"] as const) {
            child[name].setEncoding("utf8").on("data", (chunk: string) => {
                streams[name] += chunk;
                both += chunk;
            });
            createInterface(child[name]).on("line", (line) => {
                how.onLine(name, line);
            });
        }
        // A command may end without reading its input.
        child.stdin.on("error", () => undefined);
        child.stdin.end(how.stdin);

        let killer: NodeJS.Timeout | undefined;
        const stop = () => {
            killGroup(child.pid, "SIGTERM");
            killer = setTimeout(() => {
                killGroup(child.pid, "SIGKILL");
                // What has left the group may hold the other ends of these.
                child.stdout.destroy();
                child.stderr.destroy();
            }, KILL_GRACE);
        };
        how.signal.addEventListener("abort", stop);
        const fail = (end: string) => {
            const cause = how.signal.aborted ? `cancelled (${end})` : end;
            reject(new Error(`${cause}: running ${JSON.stringify(command)}:\n${both}`));
        };
        child.on("error", (error) => {
            fail(`cannot start ${program}${how.dir ? ` in ${how.dir}` : ""}: ${error.message}`);
        });
        child.on("close", (code, signal) => {
            how.signal.removeEventListener("abort", stop);
            clearTimeout(killer);
            if (code === 0) {
                resolve({ stdout: chomp(streams.stdout), stderr: chomp(streams.stderr) });
            } else {
                fail(code === null ? `signal ${signal}` : `exit status ${code}`);
            }
        });
    });
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

function chomp(output: string): string {
    return output.replace(/\n$/, "");
}
