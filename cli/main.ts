import { useCache } from "../system/cacheUse.ts";
import { installDependencies } from "./setup/dependencies.ts";
import { forgetExported } from "./setup/exported.ts";
import { interrupts } from "../system/interrupts.ts";
import { PROJECT } from "./project.ts";
import { checkProjectFolder } from "./projectFolder.ts";

type Command = (args: string[], signal: AbortSignal) => Promise<number>;

/** Loaded when they are called for: most use packages that must be installed first. */
const commands: Record<string, () => Promise<Command>> = {
    up: async () => (await import("./commands/up.ts")).up,
    test: async () => (await import("./commands/test.ts")).test,
    env: async () => (await import("./commands/env.ts")).env,
    verify: async () => (await import("./commands/verify.ts")).verify,
    view: async () => (await import("./commands/view.ts")).view,
    bugreport: async () => (await import("./commands/bugreport.ts")).bugreport,
    shell: async () => (await import("./commands/shell.ts")).shell,
    bench: async () => (await import("./commands/bench.ts")).bench,
    recover: async () => (await import("./commands/recover.ts")).recover,
    remove: async () => (await import("./commands/remove.ts")).remove,
    clean: async () => (await import("./commands/clean.ts")).clean,
    stop: async () => (await import("./commands/stop.ts")).stop,
    docs: async () => (await import("./commands/docs.ts")).docs,
    package: async () => (await import("./commands/package.ts")).packageSources,
};

/** These need what others use for themselves. */
const ALONE = ["clean", "stop"];

// It was meant for this process alone; what this one starts reaches machine-local addresses, too.
delete process.env["NODE_USE_ENV_PROXY"];
forgetExported();

const [name = "", ...args] = process.argv.slice(2);
interrupts.listen();
/** `verify` tells "red" (1) from "could not be measured" (2). */
const failure = name === "verify" ? 2 : 1;
process.on("uncaughtException", (error) => {
    console.error(error);
    process.exit(failure);
});

async function main(): Promise<number> {
    const load = commands[name];
    if (!load) {
        console.error(
            `There is no command "${name}". Commands: ${Object.keys(commands).join(", ")}.`,
        );
        return 2;
    }
    checkProjectFolder(PROJECT);
    process.chdir(PROJECT);
    if (!ALONE.includes(name)) {
        await useCache(interrupts.signal);
    }
    await installDependencies(PROJECT, interrupts.signal);
    const command = await load();
    return command(args, interrupts.signal);
}

process.exitCode = await main().catch((error: Error) => {
    console.error(
        interrupts.signal.aborted ? "Interrupted. The next run goes on from here." : error.message,
    );
    return interrupts.signal.aborted ? 130 : failure;
});
