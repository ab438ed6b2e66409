import { claimCheckout } from "../checkout.ts";
import { repairCheckpoint } from "./checkpoint.ts";
import { locksOn } from "./locks.ts";
import { setUp } from "../setup/setup.ts";
import { Stack, type Choice } from "./stack.ts";
import { alone } from "./stateLock.ts";

/** Sets up what a stack needs, and makes sure that Pulumi can read its state. */
export async function openStack(choice: Choice, signal: AbortSignal): Promise<Stack> {
    claimCheckout();
    const stack = new Stack(choice, await setUp(choice, signal));
    const { place } = stack;
    await alone(async () => {
        // While an update runs, its state may be half-written and is none of our business.
        if (place && locksOn(place).running.length === 0) {
            stack.isRestored = repairCheckpoint(place, console.error);
        }
    });
    return stack;
}
