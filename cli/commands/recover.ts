import { stackAndFlags, stackCommand, type StackOptions } from "../commandLine.ts";
import { openStack } from "../state/openStack.ts";
import { recover as clear } from "../state/recovery.ts";
import { chooseStack } from "../state/stack.ts";
import { update } from "../update.ts";
import type { Command } from "commander";

export const words = stackCommand("recover")
    .summary("clear what an interrupted update left in the way")
    .description(
        "Clears what an interrupted update left in the way, then runs `pulumi up` on the stack.",
    )
    .argument("[stack]", "the stack")
    .option("--only", "record what was made, so that `pulumi destroy` finds all of it; no update")
    .option("-y, --yes", "replace clusters without asking")
    .usage("[options] [stack] [flags of pulumi up]")
    .allowUnknownOption()
    .allowExcessArguments();

export async function run(words: Command, signal: AbortSignal): Promise<number> {
    const { only, yes, ...options } = words.opts<StackOptions & { only?: true; yes?: true }>();
    const { stack: named, flags } = stackAndFlags(words.args);
    const stack = await openStack(chooseStack({ stack: named, ...options }), signal);
    await stack.select();
    await clear(stack, console.error, only === true);
    if (only) {
        console.error(`The stack "${stack.name}" is ready for the next command.`);
        return 0;
    }
    return update(stack, yes ? ["--yes", ...flags] : flags);
}
