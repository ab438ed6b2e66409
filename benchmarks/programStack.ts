import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { stringify } from "yaml";
import { run } from "../system/process.ts";
import { cpuSeconds, type Meter } from "./cpu.ts";

/** Name of the stacks of a benchmark. */
export const STACK = "bench";

export interface Program {
    /** Name of the project in the program's Pulumi.yaml. */
    project: string;
    /** Folder of that file. */
    source: string;
    config: Record<string, unknown>;
    /** Variables besides those of this project's environment. */
    env?: Record<string, string>;
}

/** A stack of a program whose state and configuration lie in a folder of their own, nothing in the program's. */
export class ProgramStack {
    private readonly program: Program;
    private readonly folder: string;
    private readonly signal: AbortSignal;
    private readonly env: Record<string, string>;

    constructor(program: Program, folder: string, signal: AbortSignal) {
        this.program = program;
        this.folder = folder;
        this.signal = signal;
        this.env = {
            ...program.env,
            PULUMI_BACKEND_URL: `file://${join(folder, "state")}`,
            PULUMI_CONFIG_PASSPHRASE: "bench",
        };
    }

    async init(): Promise<void> {
        mkdirSync(join(this.folder, "state"), { recursive: true });
        const { project, config } = this.program;
        // `stack init` writes into the stack file beside the Pulumi.yaml that it finds: here, not in the sources.
        writeFileSync(
            join(this.folder, "Pulumi.yaml"),
            stringify({ name: project, runtime: "nodejs" }),
        );
        writeFileSync(this.configFile, stringify({ config }));
        const args = ["stack", "init", STACK, "--no-select", "--non-interactive"];
        await run("pulumi", args, { cwd: this.folder, env: this.env, signal: this.signal });
    }

    async up(): Promise<void> {
        await run("pulumi", this.update("up"), this.options());
    }

    /** CPU seconds of an update that changes nothing. */
    noOp(meter: Meter): Promise<number> {
        return cpuSeconds(
            meter,
            "pulumi",
            this.update("up", "--expect-no-changes"),
            this.options(),
        );
    }

    async destroy(): Promise<void> {
        await run("pulumi", this.update("destroy"), this.options());
    }

    private get configFile(): string {
        return join(this.folder, `Pulumi.${STACK}.yaml`);
    }

    private update(command: string, ...flags: string[]): string[] {
        const where = ["--stack", STACK, "--config-file", this.configFile];
        return [command, "--yes", "--skip-preview", "--non-interactive", ...where, ...flags];
    }

    private options() {
        return { cwd: this.program.source, env: this.env, signal: this.signal };
    }
}
