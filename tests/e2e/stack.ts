import { execFile, spawn, type ChildProcess } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { stringify } from "yaml";
import { backendUrl } from "../../cli/state/backend.ts";
import { STATE_DIR, PROJECT } from "../../cli/project.ts";

const run = promisify(execFile);

/** One line of a preview or update, as the engine reports it. */
export interface Step {
    op: string;
    urn: string;
    type: string;
    name: string;
    /** Paths of the properties that change. */
    diff: string[];
}

export interface Result {
    code: number;
    stdout: string;
    /** All that was printed. */
    output: string;
}

/** A stack of this project with a configuration of its own, in a state directory of its own. */
export class Stack {
    readonly name: string;
    /** Folder of its state, as Pulumi's file backend has it. */
    readonly state: string;
    private readonly configFile: string;
    private readonly env: NodeJS.ProcessEnv;

    constructor(name: string, folder: string, env: NodeJS.ProcessEnv = {}) {
        this.name = name;
        this.configFile = join(folder, `Pulumi.${name}.yaml`);
        this.state = join(folder, "state");
        mkdirSync(this.state, { recursive: true, mode: 0o700 });
        this.env = { ...process.env, PULUMI_BACKEND_URL: backendUrl(this.state), ...env };
    }

    get kubeconfigs(): string {
        return join(STATE_DIR, "kubeconfigs", this.name);
    }

    configure(config: Record<string, unknown>): void {
        const keys = Object.entries(config).map(
            ([key, value]) => [`multinet:${key}`, value] as const,
        );
        this.write(stringify({ config: Object.fromEntries(keys) }));
    }

    /** The configuration file as a text, for what no object can say. */
    write(text: string): void {
        writeFileSync(this.configFile, text);
    }

    async init(): Promise<void> {
        await this.expect(["stack", "init", "--no-select", this.name]);
        // Pulumi writes a file for it here; this stack keeps its own elsewhere.
        rmSync(join(PROJECT, `Pulumi.${this.name}.yaml`), { force: true });
    }

    /** Runs a pulumi command on this stack to its end, whatever its exit code. */
    pulumi(args: string[]): Promise<Result> {
        return this.finish("pulumi", this.args(args));
    }

    /** The same, for commands that must succeed. */
    async expect(args: string[]): Promise<string> {
        const { code, output } = await this.pulumi(args);
        if (code !== 0) {
            throw new Error(`pulumi ${args.join(" ")} failed (${code}):\n${gist(output)}`);
        }
        return output;
    }

    up(...flags: string[]): Promise<string> {
        return this.expect(["up", "--yes", "--skip-preview", ...flags]);
    }

    /** A started update that the test will kill; with "pipe" it reads what the update says. */
    startUp(stdio: "ignore" | "pipe" = "ignore"): ChildProcess {
        const child = spawn("pulumi", this.args(["up", "--yes", "--skip-preview"]), {
            cwd: PROJECT,
            env: this.env,
            stdio,
        });
        return child;
    }

    /**
     * Starts a pulumi command, or with `npm` a command of this project, that the test will disturb; `under` is what to
     * run it with, such as `strace`.
     */
    start(
        args: string[],
        { npm = false, under = [] }: { npm?: boolean; under?: string[] } = {},
    ): ChildProcess {
        const own = npm ? this.ownCommand(args) : ["pulumi", ...this.args(args)];
        const [program = "", ...rest] = [...under, ...own];
        return spawn(program, rest, {
            cwd: PROJECT,
            env: { ...this.env, PULUMI_DEBUG_COMMANDS: "true" }, // for --event-log
            stdio: ["ignore", "pipe", "pipe"],
        });
    }

    /** What an update would do, without the steps that leave things as they are. */
    async preview(): Promise<Step[]> {
        const { stdout } = await run("pulumi", this.args(["preview", "--json"]), this.options());
        const { steps } = JSON.parse(stdout) as {
            steps: {
                op: string;
                urn: string;
                detailedDiff?: Record<string, unknown>;
                diffReasons?: string[];
            }[];
        };
        return steps
            .filter(({ op }) => op !== "same")
            .map(({ op, urn, detailedDiff, diffReasons }) => {
                const [path = "", name = ""] = urn.split("::").slice(2);
                return {
                    op,
                    urn,
                    name,
                    type: path.split("$").at(-1)!,
                    diff: [
                        ...new Set([...Object.keys(detailedDiff ?? {}), ...(diffReasons ?? [])]),
                    ],
                };
            });
    }

    async outputs<T>(): Promise<T> {
        const { stdout } = await run(
            "pulumi",
            this.args(["stack", "output", "--json"]),
            this.options(),
        );
        return JSON.parse(stdout) as T;
    }

    destroy(): Promise<string> {
        return this.expect(["destroy", "--yes", "--skip-preview"]);
    }

    /** Runs kubectl on a cluster, with something to read if it asks for that, for so many seconds at most. */
    async kubectl(
        cluster: string,
        args: string[],
        { input, seconds = 60 }: { input?: string; seconds?: number } = {},
    ): Promise<string> {
        const kubeconfig = join(this.kubeconfigs, `${cluster}.yaml`);
        const running = run("kubectl", ["--kubeconfig", kubeconfig, ...args], {
            ...this.options(),
            timeout: seconds * 1000,
        });
        running.child.stdin?.end(input);
        return (await running).stdout;
    }

    /** Runs a command of this project (`npm run ...`) for this stack. */
    command(name: string, args: string[]): Promise<Result> {
        const [program = "", ...rest] = this.ownCommand([name, ...args]);
        return this.finish(program, rest);
    }

    private ownCommand([name = "", ...args]: string[]): string[] {
        const main = join(PROJECT, "cli", "main.ts");
        const choice = ["--stack", this.name, "--config-file", this.configFile];
        return [process.execPath, main, name, ...choice, ...args];
    }

    private async finish(program: string, args: string[]): Promise<Result> {
        try {
            const { stdout, stderr } = await run(program, args, this.options());
            return { code: 0, stdout, output: stdout + stderr };
        } catch (error) {
            const { code, stdout, stderr } = error as Result & { stderr: string };
            return { code, stdout, output: stdout + stderr };
        }
    }

    private args([command = "", ...rest]: string[]): string[] {
        const config = ["up", "preview", "destroy", "refresh"].includes(command)
            ? ["--config-file", this.configFile]
            : [];
        const stack = command === "stack" && rest[0] === "init" ? [] : ["--stack", this.name];
        return [command, ...rest, ...stack, ...config, "--non-interactive"];
    }

    private options() {
        return { cwd: PROJECT, env: this.env, maxBuffer: 64 << 20 };
    }
}

/** What tells why a command failed: without the stages of resources that came through, and without the outputs. */
function gist(output: string): string {
    return output
        .replace(/^Outputs:\n[^]*?^(?=Resources:)/m, "")
        .split("\n")
        .filter((line) => !/^@ |(creat|updat|delet|replac)ing \(/.test(line) || /error/i.test(line))
        .join("\n");
}
