import { setTimeout } from "node:timers/promises";
import { CommandFailed, CommandTimeout, exec } from "../exec.ts";
import type { ExecOptions } from "../exec.ts";
import type { Container, Limits, Network, Runtime, RuntimeName, Selection } from "./runtime.ts";
import { RuntimeSilent } from "./silent.ts";

/** In what the command line programs differ. */
export interface Dialect {
    name: RuntimeName;
    networkVariable: string;
    /** One element of `inspect --type container`. */
    container(inspected: never): Container;
    /** One element of `network inspect`. */
    network(inspected: never): Network;
    /** What standard error says when nobody answers. */
    silent: RegExp;
}

/** Milliseconds until an engine that says nothing counts as silent. */
const ANSWER_TIME = 20_000;

/** How often, and how many milliseconds apart, a removal by someone else is looked at. */
const REMOVAL_CHECKS = 60;
const REMOVAL_PAUSE = 500;

const MISSING = /no such (container|object)/i;

/** A container engine used through its command line program, which is a client of the same name. */
export function cliRuntime(dialect: Dialect): Runtime {
    const program = dialect.name;

    async function call(args: string[], options: ExecOptions = {}): Promise<string> {
        try {
            return await exec(program, args, { timeout: ANSWER_TIME, ...options });
        } catch (error) {
            // What runs inside a container may take too long while the engine itself is well.
            const late = error instanceof CommandTimeout && args[0] !== "exec";
            const refused = error instanceof CommandFailed && dialect.silent.test(error.stderr);
            throw late || refused ? silence(error) : error;
        }
    }

    function silence(error: CommandFailed): RuntimeSilent {
        return new RuntimeSilent(
            `${program} does not answer, so nothing was changed or taken for gone. ` +
                `\`${program} ps\` has to work in this shell first.\n${error.message}`,
        );
    }

    /** Inspects by name or id. Only what the engine itself calls missing is left out. */
    async function inspect(targets: string[], limits?: Limits): Promise<Container[]> {
        if (targets.length === 0) {
            return [];
        }
        const args = ["inspect", "--type", "container", ...targets];
        let found: string;
        try {
            found = await call(args, limits);
        } catch (error) {
            if (!(error instanceof CommandFailed) || !MISSING.test(error.stderr)) {
                throw error;
            }
            found = error.stdout;
            const missing = error.stderr.split("\n").filter((line) => MISSING.test(line));
            const listed = (JSON.parse(found || "[]") as unknown[]).length;
            if (listed + missing.length < targets.length) {
                throw error;
            }
        }
        return (JSON.parse(found || "[]") as never[]).map((one) => dialect.container(one));
    }

    /** When someone else removes the same containers, ours fails and all is well as soon as theirs is done. */
    async function removedElsewhere(ids: string[], error: unknown, limits?: Limits): Promise<void> {
        const busy =
            error instanceof CommandFailed && /no such container|in progress/i.test(error.stderr);
        for (let attempt = 0; busy && attempt < REMOVAL_CHECKS; attempt++) {
            if ((await inspect(ids, limits)).length === 0) {
                return;
            }
            await setTimeout(REMOVAL_PAUSE, undefined, limits?.signal && { signal: limits.signal });
        }
        throw error;
    }

    async function containers(selection: Selection, limits?: Limits): Promise<Container[]> {
        if ("names" in selection) {
            return inspect(selection.names, limits);
        }
        const filter = ["--all", "--quiet", "--no-trunc", "--filter", `label=${selection.label}`];
        return inspect(lines(await call(["ps", ...filter], limits)), limits);
    }

    return {
        name: dialect.name,
        kindEnv: (network) => ({
            KIND_EXPERIMENTAL_PROVIDER: dialect.name,
            [dialect.networkVariable]: network,
        }),
        containers,
        exec: (container, argv, options = {}) =>
            call(["exec", "--interactive", container, ...argv], { timeout: 60_000, ...options }),
        async start({ id, state }, limits) {
            await call([state === "paused" ? "unpause" : "start", id], limits);
        },
        async run(name, args, limits) {
            await call(["run", "--detach", "--name", name, ...args], limits);
        },
        logs: (container, limits) => call(["logs", container], limits),
        async remove(targets, limits) {
            if (targets.length === 0) {
                return;
            }
            const ids = targets.map(({ id }) => id);
            try {
                await call(["rm", "--force", "--volumes", ...ids], { timeout: 120_000, ...limits });
            } catch (error) {
                await removedElsewhere(ids, error, limits);
            }
        },
        async setMemory(container, bytes, limits) {
            const limit = [`--memory=${bytes}`, `--memory-swap=${bytes}`];
            await call(["update", ...limit, container], limits);
        },
        async networks(limits) {
            const ids = lines(await call(["network", "ls", "--quiet"], limits));
            if (ids.length === 0) {
                return [];
            }
            const found = await call(["network", "inspect", ...ids], limits);
            return (JSON.parse(found) as never[]).map((one) => dialect.network(one));
        },
    };
}

function lines(text: string): string[] {
    return text.split("\n").filter((line) => line !== "");
}
