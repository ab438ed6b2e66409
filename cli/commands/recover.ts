import { upWithConsent } from "../state/consent.ts";
import { openStack } from "../state/openStack.ts";
import { recover as clear } from "../state/recovery.ts";
import { chooseStack } from "../state/stack.ts";

/**
 * `npm run recover [-- --only]`: clears what an interrupted update left in the way, then runs `pulumi up`. With `--only`
 * it records what was made instead, so that a `pulumi destroy` finds all of it.
 */
export async function recover(args: string[], signal: AbortSignal): Promise<number> {
    const choice = chooseStack(args);
    const only = choice.rest.includes("--only");
    const stack = await openStack(choice, signal);
    await stack.select();
    await clear(stack, console.error, only);
    if (only) {
        console.error(`The stack "${stack.name}" is ready for the next command.`);
        return 0;
    }
    return upWithConsent(stack, choice.rest);
}
