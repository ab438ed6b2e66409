import { join } from "node:path";
import { Command } from "commander";
import { DEVELOPMENT } from "../commandLine.ts";
import { foreground } from "../../system/process.ts";
import { PROJECT, stackNamed } from "../project.ts";
import { setUp } from "../setup/setup.ts";

export const words = new Command("bench")
    .helpGroup(DEVELOPMENT)
    .summary("measure against plain kind")
    .description("Measures a testbed against plain kind and writes docs/benchmarks.md.")
    .option("--runs <n>", "how often each is measured; default: 3");

export async function run(words: Command, signal: AbortSignal): Promise<number> {
    const { runs } = words.opts<{ runs?: string }>();
    const env = { ...process.env, ...(await setUp(stackNamed("dev"), signal)) };
    const program = join(PROJECT, "benchmarks", "main.ts");
    const args = runs === undefined ? [] : [`--runs=${runs}`];
    return foreground(process.execPath, [program, ...args], { cwd: PROJECT, env });
}
