import { recover, wasKilled } from "../recovery.ts";
import { setUp } from "../setup.ts";
import { chooseStack, Stack } from "../stack.ts";

/**
 * `npm run up [-- STACK] [flags of pulumi up]`: sets up what is missing, then runs `pulumi up` on the stack (the
 * selected one, else `dev`). If an update of it was killed, it is recovered from first.
 */
export async function up(args: string[], signal: AbortSignal): Promise<number> {
    const [first] = args;
    const named = first !== undefined && !first.startsWith("-");
    const choice = chooseStack(named ? ["--stack", ...args] : args);
    const stack = new Stack(choice, await setUp(choice, signal));
    await stack.select();
    if (wasKilled(stack)) {
        console.error(`The last update of the stack "${stack.name}" was killed.`);
        await recover(stack, console.error);
    }
    return stack.up(choice.rest);
}
