import { execFile, execFileSync } from "node:child_process";
import {
    cpSync,
    mkdirSync,
    mkdtempSync,
    readdirSync,
    rmSync,
    symlinkSync,
    writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { stringify } from "yaml";
import { PROJECT } from "../../cli/project.ts";
import type { Config } from "./converged.ts";
import type { Result } from "../e2e/stack.ts";

const run = promisify(execFile);

/** Variables that an earlier `env` of this project has set: another checkout decides them for itself. */
const OURS = ["PULUMI_BACKEND_URL", "PULUMI_HOME", "MULTINET_IMAGES", "NODE_COMPILE_CACHE"];

/** A second checkout of this project, as a user has it: its own folder, state and selected stack. */
export class Checkout {
    readonly folder = mkdtempSync(join(tmpdir(), "multinet-checkout-"));
    readonly env: NodeJS.ProcessEnv;

    /** Of what is in the working tree, or of a commit. */
    constructor(env: NodeJS.ProcessEnv = {}, commit?: string) {
        if (commit === undefined) {
            this.copy();
        } else {
            const options = { cwd: PROJECT, maxBuffer: 1 << 30 };
            const archive = execFileSync("git", ["archive", commit], options);
            execFileSync("tar", ["-x", "-C", this.folder], { input: archive });
        }
        symlinkSync(join(PROJECT, "node_modules"), join(this.folder, "node_modules"));
        const inherited = Object.entries(process.env).filter(([name]) => !OURS.includes(name));
        this.env = { ...Object.fromEntries(inherited), ...env };
    }

    /** What `git pull` does: the files of the working tree take the place of those that are there. */
    update(): void {
        const kept = [".multinet", "node_modules"];
        for (const name of readdirSync(this.folder)) {
            const stackFile = /^Pulumi\..+\.yaml$/.test(name);
            if (!kept.includes(name) && !stackFile) {
                rmSync(join(this.folder, name), { recursive: true });
            }
        }
        this.copy();
    }

    private copy(): void {
        const files = execFileSync("git", ["ls-files", "-z"], { cwd: PROJECT, encoding: "utf8" });
        for (const file of files.split("\0").filter(Boolean)) {
            mkdirSync(dirname(join(this.folder, file)), { recursive: true });
            cpSync(join(PROJECT, file), join(this.folder, file));
        }
    }

    configure(stack: string, config: Config): void {
        const keys = Object.entries(config).map(([key, value]) => [`multinet:${key}`, value]);
        const text = stringify({ config: Object.fromEntries(keys) as Config });
        writeFileSync(join(this.folder, `Pulumi.${stack}.yaml`), text);
    }

    /** Runs a command of it: `npm run NAME -- ARGS`. */
    async command(...args: string[]): Promise<Result> {
        return this.run(process.execPath, ["multinet.mjs", ...args]);
    }

    /** Runs a program in the environment that it gives a shell. */
    async shell(script: string): Promise<Result> {
        return this.run("bash", ["-c", `eval "$(node multinet.mjs env)" && ${script}`]);
    }

    /** Runs plain `pulumi` in the environment of these tests, with a state of its own. */
    async pulumi(...args: string[]): Promise<Result> {
        return this.run("pulumi", [...args, "--non-interactive"], {
            ...process.env,
            PULUMI_BACKEND_URL: pathToFileURL(join(this.folder, ".multinet", "state")).href,
        });
    }

    private async run(program: string, args: string[], env = this.env): Promise<Result> {
        const options = { cwd: this.folder, env, maxBuffer: 64 << 20 };
        try {
            const { stdout, stderr } = await run(program, args, options);
            return { code: 0, stdout, output: stdout + stderr };
        } catch (error) {
            const { code, stdout, stderr } = error as Result & { stderr: string };
            return { code, stdout, output: stdout + stderr };
        }
    }

    remove(): void {
        rmSync(this.folder, { recursive: true, force: true });
    }
}
