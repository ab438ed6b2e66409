import { execFile, execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { stringify } from "yaml";
import { PROJECT } from "../../toolchain/project.ts";
import type { Config } from "./converged.ts";
import type { Result } from "../e2e/stack.ts";

const run = promisify(execFile);

/** Variables that an earlier `env` of this project has set: another checkout decides them for itself. */
const OURS = ["PULUMI_BACKEND_URL", "PULUMI_HOME", "MULTINET_IMAGES", "NODE_COMPILE_CACHE"];

/** A second checkout of this project, as a user has it: its own folder, state and selected stack. */
export class Checkout {
    readonly folder = mkdtempSync(join(tmpdir(), "multinet-checkout-"));
    readonly env: NodeJS.ProcessEnv;

    constructor(env: NodeJS.ProcessEnv = {}) {
        const files = execFileSync("git", ["ls-files", "-z"], { cwd: PROJECT, encoding: "utf8" });
        for (const file of files.split("\0").filter(Boolean)) {
            mkdirSync(dirname(join(this.folder, file)), { recursive: true });
            cpSync(join(PROJECT, file), join(this.folder, file));
        }
        symlinkSync(join(PROJECT, "node_modules"), join(this.folder, "node_modules"));
        const inherited = Object.entries(process.env).filter(([name]) => !OURS.includes(name));
        this.env = { ...Object.fromEntries(inherited), ...env };
    }

    configure(stack: string, config: Config): void {
        const keys = Object.entries(config).map(([key, value]) => [`multinet:${key}`, value]);
        const text = stringify({ config: Object.fromEntries(keys) as Config });
        writeFileSync(join(this.folder, `Pulumi.${stack}.yaml`), text);
    }

    /** Runs a command of it: `npm run NAME -- ARGS`. */
    async command(...args: string[]): Promise<Result> {
        return this.#run(process.execPath, ["multinet.mjs", ...args]);
    }

    /** Runs a program in the environment that it gives a shell. */
    async shell(script: string): Promise<Result> {
        return this.#run("bash", ["-c", `eval "$(node multinet.mjs env)" && ${script}`]);
    }

    async #run(program: string, args: string[]): Promise<Result> {
        const options = { cwd: this.folder, env: this.env, maxBuffer: 64 << 20 };
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
