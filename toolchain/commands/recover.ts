import { recover as clear } from "../recovery.ts";
import { setUp } from "../setup.ts";
import { chooseStack, Stack } from "../stack.ts";

/** `npm run recover`: clears what a killed or broken update left in the way, then runs `pulumi up`. */
export async function recover(args: string[], signal: AbortSignal): Promise<number> {
    const choice = chooseStack(args);
    const stack = new Stack(choice, await setUp(choice, signal));
    await stack.select();
    await clear(stack, console.error);
    return stack.up(choice.rest);
}
