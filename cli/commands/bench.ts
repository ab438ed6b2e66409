import { join } from "node:path";
import { foreground } from "../../system/process.ts";
import { PROJECT, stackNamed } from "../project.ts";
import { setUp } from "../setup/setup.ts";

/** `npm run bench [-- --runs N]`: measures against plain kind and writes docs/benchmarks.md. */
export async function bench(args: string[], signal: AbortSignal): Promise<number> {
    const env = { ...process.env, ...(await setUp(stackNamed("dev"), signal)) };
    const program = join(PROJECT, "benchmarks", "main.ts");
    return foreground(process.execPath, [program, ...args], { cwd: PROJECT, env });
}
