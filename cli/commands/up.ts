import { recordFreeRanges } from "../state/freeRanges.ts";
import { stackAndFlags, stackCommand, type StackOptions } from "../commandLine.ts";
import { pruneHistory } from "../state/history.ts";
import { openStack } from "../state/openStack.ts";
import { recover, wasInterrupted } from "../state/recovery.ts";
import { chooseStack } from "../state/stack.ts";
import { update } from "../update.ts";
import type { Command } from "commander";

export const words = stackCommand("up")
    .summary("set up what is missing and bring a stack up")
    .description(
        "Sets up what is missing, then runs `pulumi up` on the stack, which it selects. Recovers first if an update of it was " +
            "interrupted. A new stack whose default ranges are in use on this machine gets free ones. Asks before a cluster that is " +
            "there is replaced.",
    )
    .argument("[stack]", "the stack")
    .option("-y, --yes", "replace clusters without asking")
    .usage("[options] [stack] [flags of pulumi up]")
    .allowUnknownOption()
    .allowExcessArguments();

export async function run(words: Command, signal: AbortSignal): Promise<number> {
    const { yes, ...options } = words.opts<StackOptions & { yes?: true }>();
    const { stack: named, flags } = stackAndFlags(words.args);
    const choice = chooseStack({ stack: named, ...options });
    const stack = await openStack(choice, signal);
    await stack.select();
    if (await wasInterrupted(stack)) {
        console.error(`The last update of the stack "${stack.name}" was interrupted.`);
        await recover(stack, console.error, false);
    }
    await recordFreeRanges(stack, choice.configFile, console.error);
    if (stack.place) {
        pruneHistory(stack.place);
    }
    return update(stack, yes ? ["--yes", ...flags] : flags);
}
