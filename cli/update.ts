import { duration } from "../system/progress.ts";
import { refreshContexts } from "./contexts.ts";
import { upWithConsent } from "./state/consent.ts";
import type { Stack } from "./state/stack.ts";

/** Runs `pulumi up`, as `upWithConsent` does, and gives `kubectl` the clusters that there are then. Returns its exit code. */
export async function update(stack: Stack, flags: string[]): Promise<number> {
    const begin = Date.now();
    const code = await upWithConsent(stack, flags);
    refreshContexts(stack.name);
    const how = code === 0 ? "done" : "FAILED";
    console.error(
        `pulumi up of the stack "${stack.name}": ${how} in ${duration(Date.now() - begin)}`,
    );
    return code;
}
