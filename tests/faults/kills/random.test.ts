import { setTimeout } from "node:timers/promises";
import type { Stack } from "../../e2e/stack.ts";
import { converges, destroyed, recoveredAndDestroyed, reset, type Config } from "../converged.ts";
import { faultStack } from "../faultStack.ts";
import { faultClass, type Ledger } from "../ledger.ts";
import type { Random } from "../random.ts";
import { Operation } from "./operation.ts";

const CYCLES = 5;

const plain: Config = { clusters: { edge1: {} } };

/** What a stack is changed to, one after the other: every kind of change, none of which replaces the cluster. */
const CHANGES: Config[] = [
    { clusters: { edge1: { memory: "3GiB" } } },
    { clusters: { edge1: {} }, demo: { deployments: 3 } },
    { clusters: { edge1: {} }, networks: { "data-plane": { type: "ptp", mtu: 1400 } } },
    {
        clusters: { edge1: {} },
        networks: { "data-plane": { type: "ptp" }, second: { type: "ptp", cidr: "10.80.0.0/12" } },
    },
];

/** Seconds within which an operation is killed: as long as it takes, so that the kill falls anywhere in it. */
const TAKES = { create: 24, update: 6, destroy: 2.5 };

/**
 * Kills an operation at a random moment, with or without its plugins. Moments at which it had ended already are drawn
 * again in a shorter time, from where `again` puts the stack.
 */
async function killAtRandom(
    stack: Stack,
    kind: keyof typeof TAKES,
    random: Random,
    again: () => Promise<unknown>,
): Promise<string> {
    for (const share of [1, 0.7, 0.4]) {
        const plugins = random.next() < 0.5;
        const after = random.between(0.2, TAKES[kind] * share);
        const operation = new Operation(stack, kind === "destroy" ? "destroy" : "up");
        await setTimeout(after * 1000);
        if (!operation.ended) {
            await operation.kill({ plugins });
            return `${kind} killed after ${after.toFixed(1)} s${plugins ? ", plugins too" : ""}`;
        }
        await again();
    }
    throw new Error(`${kind} was always over before it could be killed`);
}

/** One stack from nothing to nothing, killed in its creation, in each change and in its destruction. */
async function cycle(stack: Stack, ledger: Ledger, number: string): Promise<void> {
    const repair = () => reset(stack);
    stack.configure(plain);
    await ledger.run(
        `create ${number}`,
        async (random) => {
            const seen = await killAtRandom(stack, "create", random, () => destroyed(stack));
            await converges(stack, plain);
            return seen;
        },
        repair,
    );
    for (const [index, config] of CHANGES.entries()) {
        await ledger.run(
            `update ${number}.${index + 1}`,
            async (random) => {
                const seen = await killAtRandom(stack, "update", random, async () => {
                    stack.configure(plain);
                    await stack.up();
                    stack.configure(config);
                });
                await converges(stack, config);
                return seen;
            },
            repair,
        );
    }
    await ledger.run(
        `destroy ${number}`,
        async (random) => {
            const seen = await killAtRandom(stack, "destroy", random, () => stack.up());
            await recoveredAndDestroyed(stack);
            return seen;
        },
        repair,
    );
}

faultClass(
    {
        name: "kills-random",
        title: "SIGKILL of the engine at a random moment of create, update and destroy",
        least: 60,
    },
    (ledger) => {
        // Two at once: each waits a lot, and what one recovers from must not disturb the other.
        const stacks = ["f-kills-a", "f-kills-b"].map((name) => faultStack(name));

        it("are made in cycles of two stacks at once", async () => {
            await Promise.all(
                stacks.map(async (stack, lane) => {
                    for (let n = 1; n <= CYCLES; n++) {
                        await cycle(stack, ledger, `${"ab"[lane]!}${n}`);
                    }
                }),
            );
        });
    },
);
