import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdirSync, rmSync } from "node:fs";
import { promisify } from "node:util";
import { planTopology } from "../../plan/planTopology.ts";
import type { Plan } from "../../plan/plan.ts";
import { validateConfig } from "../../plan/config/validate.ts";
import { PROJECT_NAME } from "../../cli/state/stack.ts";
import { runningProcesses } from "../../system/processes.ts";
import type { Result, Stack } from "../e2e/stack.ts";

const run = promisify(execFile);

export type Config = Record<string, unknown>;

export function planOf(stack: Stack, config: Config): Plan {
    const owner = { project: PROJECT_NAME, stack: stack.name };
    const result = validateConfig(config, owner);
    assert.ok("topology" in result, "the configuration of a fault test is valid");
    return planTopology(result.topology, owner);
}

/** One `npm run up` brings the stack to what its configuration says, and all is well then. */
export async function converges(stack: Stack, config: Config): Promise<void> {
    succeeded(await stack.command("up", ["--yes", "--skip-preview"]), "npm run up");
    await converged(stack, config);
}

/** Programs at work on a stack, by their command lines. */
function programsOf(stack: Stack): string[] {
    return runningProcesses()
        .map(({ args }) => args.join(" "))
        .filter((line) => line.includes("/cmd/run/index.js ") && line.includes(` ${stack.name} `));
}

/** What a stack that survived is like; the one criterion of all classes. */
export async function converged(stack: Stack, config: Config): Promise<void> {
    const plan = planOf(stack, config);
    const nodes = plan.clusters.flatMap(({ nodes }) => nodes.map(({ name }) => name)).sort();
    assert.deepEqual(await containersOf(stack), nodes, "the planned containers and no others");
    assert.deepEqual(await networksOf(stack), [plan.bridge.name], "one network");
    assert.deepEqual(programsOf(stack), [], "no program of an earlier update is left");
    succeeded(
        await stack.pulumi(["up", "--yes", "--skip-preview", "--expect-no-changes"]),
        "an update that changes nothing",
    );
    const state = JSON.parse(await stack.expect(["stack", "export"])) as {
        deployment: { pending_operations?: unknown[] };
    };
    assert.deepEqual(state.deployment.pending_operations ?? [], [], "no pending operations");
    succeeded(await stack.command("verify", []), "npm run verify");
}

/** After a destruction that was killed, the commands that its documentation names: they leave nothing. */
export async function recoveredAndDestroyed(stack: Stack): Promise<void> {
    succeeded(await stack.command("recover", ["--only"]), "npm run recover -- --only");
    await destroyed(stack);
}

/** `destroy` succeeds and leaves nothing of the stack. */
export async function destroyed(stack: Stack): Promise<void> {
    succeeded(await stack.pulumi(["destroy", "--yes", "--skip-preview"]), "pulumi destroy");
    assert.deepEqual(await containersOf(stack), []);
    assert.deepEqual(await networksOf(stack), []);
}

/** Whatever is left of a stack goes, by force if it must: for the run that comes after one that failed. */
export async function reset(stack: Stack): Promise<void> {
    await stack.command("recover", ["--only"]);
    await stack.pulumi(["destroy", "--yes", "--skip-preview"]);
    await stack.command("remove", ["--yes"]);
    const containers = await containersOf(stack);
    if (containers.length > 0) {
        await docker("rm", "--force", "--volumes", ...containers);
    }
    for (const network of await networksOf(stack)) {
        await docker("network", "rm", network);
    }
    rmSync(stack.state, { recursive: true, force: true });
    mkdirSync(stack.state, { mode: 0o700 });
    await stack.init();
}

/** Names of all containers of a stack, running or not. */
export async function containersOf(stack: Stack): Promise<string[]> {
    const filter = `name=^${PROJECT_NAME}-${stack.name}-`;
    return lines(await docker("ps", "--all", "--format", "{{.Names}}", "--filter", filter));
}

async function networksOf(stack: Stack): Promise<string[]> {
    const filter = `name=^${PROJECT_NAME}-${stack.name}$`;
    return lines(await docker("network", "ls", "--format", "{{.Name}}", "--filter", filter));
}

export function succeeded({ code, output }: Result, what: string): void {
    assert.equal(code, 0, `${what} failed (${code}):\n${tail(output)}`);
}

/** The lines that say why, which are among the last ones. */
export function tail(output: string): string {
    const lines = output.split("\n").filter((line) => line.trim() !== "");
    const errors = lines.filter((line) => /error|fail|cannot|could not/i.test(line));
    return [...errors.slice(0, 8), "...", ...lines.slice(-12)].join("\n");
}

export async function docker(...args: string[]): Promise<string> {
    return (await run("docker", args, { timeout: 120_000, maxBuffer: 16 << 20 })).stdout;
}

function lines(text: string): string[] {
    return text.split("\n").filter(Boolean).sort();
}
