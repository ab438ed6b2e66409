import { upWithConsent } from "../state/consent.ts";
import { recordFreeRanges } from "../state/freeRanges.ts";
import { pruneHistory } from "../state/history.ts";
import { openStack } from "../state/openStack.ts";
import { recover, wasInterrupted } from "../state/recovery.ts";
import { chooseStack } from "../state/stack.ts";

/**
 * `npm run up [-- STACK] [flags of pulumi up]`: sets up what is missing, then runs `pulumi up` on the stack (the
 * selected one, else `dev`). If an update of it was interrupted, it is recovered from first. A new stack whose default
 * ranges are in use on this machine gets free ones. Asks before a cluster that is there is replaced, unless `--yes` is
 * given.
 */
export async function up(args: string[], signal: AbortSignal): Promise<number> {
    const [first] = args;
    const named = first !== undefined && !first.startsWith("-");
    const choice = chooseStack(named ? ["--stack", ...args] : args);
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
    return upWithConsent(stack, choice.rest);
}
