import { existsSync } from "node:fs";
import { enableCompileCache } from "node:module";
import { join } from "node:path";
import { useCache } from "../system/cacheUse.ts";
import type { CommandFiles } from "./commandLine.ts";
import { installDependencies } from "./setup/dependencies.ts";
import { forgetExported } from "./setup/exported.ts";
import { interrupts } from "../system/interrupts.ts";
import { PROJECT, STATE_DIR } from "./project.ts";
import { checkProjectFolder } from "./projectFolder.ts";
import { patienceProblem } from "../plan/patience.ts";

const commands: CommandFiles = {
    up: () => import("./commands/up.ts"),
    status: () => import("./commands/status.ts"),
    verify: () => import("./commands/verify.ts"),
    view: () => import("./commands/view.ts"),
    shell: () => import("./commands/shell.ts"),
    use: () => import("./commands/use.ts"),
    env: () => import("./commands/env.ts"),
    recover: () => import("./commands/recover.ts"),
    remove: () => import("./commands/remove.ts"),
    bugreport: () => import("./commands/bugreport.ts"),
    stop: () => import("./commands/stop.ts"),
    clean: () => import("./commands/clean.ts"),
    completion: () => import("./commands/completion.ts"),
    test: () => import("./commands/test.ts"),
    bench: () => import("./commands/bench.ts"),
    docs: () => import("./commands/docs.ts"),
    package: () => import("./commands/package.ts"),
};

/** These need what others use for themselves, or nothing of it. */
const ALONE = ["clean", "stop", "status", "view", "bugreport", "use", "completion"];

// They were meant for this process alone; what this one starts reaches machine-local addresses, too.
delete process.env["NODE_USE_ENV_PROXY"];
delete process.env["NODE_USE_SYSTEM_CA"];
forgetExported();

const args = process.argv.slice(2);
const [name = ""] = args;
interrupts.listen();
/** `verify` tells "red" (1) from "could not be measured" (2). */
const failure = name === "verify" ? 2 : 1;
process.on("uncaughtException", (error) => {
    console.error(error);
    process.exit(failure);
});

async function main(): Promise<number> {
    const wrong = patienceProblem();
    if (wrong !== undefined) {
        throw new Error(wrong);
    }
    checkProjectFolder(PROJECT);
    process.chdir(PROJECT);
    if (!ALONE.includes(name)) {
        await useCache(interrupts.signal);
    }
    await installDependencies(PROJECT, interrupts.signal);
    if (existsSync(STATE_DIR)) {
        enableCompileCache(join(STATE_DIR, "compiled"));
    }
    const { runCommandLine } = await import("./commandLine.ts");
    const all = (name: string) => name === "completion";
    return runCommandLine(commands, args, interrupts.signal, all);
}

process.exitCode = await main().catch((error: Error) => {
    console.error(
        interrupts.signal.aborted ? "Interrupted. The next run goes on from here." : error.message,
    );
    return interrupts.signal.aborted ? 130 : failure;
});
