import { configFileOf } from "../../../cli/project.ts";
import { stackConfig } from "../../../cli/state/stackFile.ts";
import type { Stack } from "../../e2e/stack.ts";
import { converged, converges, destroyed, reset, tail, type Config } from "../converged.ts";
import { faultStack } from "../faultStack.ts";
import { faultClass, type Ledger } from "../ledger.ts";
import { Operation } from "./operation.ts";

/** Everything in these changes, but not the clusters' identity: each resource that can be updated is. */
const dev: Config = stackConfig(configFileOf("dev"));
const changed: Config = {
    ...dev,
    clusters: { edge1: { nodes: 2, memory: "3GiB" }, edge2: { memory: "3GiB" } },
    networks: {
        "data-plane": { type: "ptp", mtu: 1400 },
        second: { type: "ptp", cidr: "10.80.0.0/12" },
    },
};

/** Resources have types of three parts; components, whose steps are no operations, are ours. */
const isCustom = (type: string) => !type.startsWith("multinet:components:") && type.includes(":");

interface Chain {
    verb: "up" | "destroy";
    /** The operations of which one is killed at each resource. */
    ops: string[];
    /** Brings the stack to where the chain begins, after a failure. */
    restart: () => Promise<unknown>;
}

/**
 * Runs the same command again and again, each time killed when the first resource begins that none was killed at, until
 * it comes to its end. A kill is survived when the next command gets further.
 */
async function chain(stack: Stack, ledger: Ledger, { verb, ops, restart }: Chain) {
    if (!ledger.wants(ops[0]!)) {
        return;
    }
    const killed = new Set<string>();
    let last: string | undefined;
    for (;;) {
        const begin = performance.now();
        // After a kill `npm run up` recovers by itself.
        if (verb === "destroy") {
            await stack.command("recover", ["--only"]);
        }
        const operation = new Operation(stack, verb, { npm: verb === "up" });
        const urn = await operation.untilBegun(
            ({ op, urn, type }) =>
                ops.includes(op) && isCustom(type) && !killed.has(urn) && urn.includes("::"),
        );
        const came = urn !== undefined;
        const failed = !came && (await operation.finished()) !== 0;
        if (last !== undefined) {
            ledger.note(last, !failed, failed ? tail(operation.output) : "", begin);
            last = undefined;
        } else if (failed) {
            throw new Error(`${verb} failed without a kill: ${tail(operation.output)}`);
        }
        if (failed) {
            await restart();
            continue;
        }
        if (!came) {
            return;
        }
        await operation.kill();
        killed.add(urn);
        last = `${ops[0]!} ${urn.split("::").at(-1)!}`;
    }
}

faultClass(
    {
        name: "kills-resources",
        title: "SIGKILL of the engine when a resource of the dev stack begins: create, update, delete",
        least: 45,
    },
    (ledger) => {
        const stack = faultStack("f-each");

        it("are made at every resource in its creation", async () => {
            stack.configure(dev);
            await chain(stack, ledger, {
                verb: "up",
                ops: ["create", "create-replacement"],
                restart: () => reset(stack),
            });
            await ledger.run("after all creations", () => converged(stack, dev));
        });

        it("are made at every resource in its update", async () => {
            await ensure(dev);
            stack.configure(changed);
            const restart = async () => {
                await reset(stack);
                await ensure(dev);
                stack.configure(changed);
            };
            await chain(stack, ledger, { verb: "up", ops: ["update"], restart });
            await ledger.run("after all updates", () => converged(stack, changed));
        });

        it("are made at every resource in its deletion", async () => {
            await ensure(changed);
            await chain(stack, ledger, {
                verb: "destroy",
                ops: ["delete"],
                restart: () => ensure(changed),
            });
            await ledger.run("after all deletions", () => destroyed(stack));
        });

        /** The stack is there as the next chain needs it, whatever became of the one before. */
        async function ensure(config: Config): Promise<void> {
            stack.configure(config);
            await converges(stack, config).catch(async () => {
                await reset(stack);
                await converges(stack, config);
            });
        }
    },
);
