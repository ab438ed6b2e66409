import type { Command } from "commander";
import { runtime } from "../../provider/runtime/runtimes.ts";
import { stackCommand, type StackOptions } from "../commandLine.ts";
import { confirm } from "../state/consent.ts";
import { describeLeftovers, leftovers, removeLeftovers } from "../state/leftovers.ts";
import { openStack } from "../state/openStack.ts";
import { unlock } from "../state/recovery.ts";
import { chooseStack } from "../state/stack.ts";
import { runtimeOf } from "../state/stackFile.ts";

export const words = stackCommand("remove")
    .summary("show what is here of a stack, and remove it")
    .description(
        "Shows what is on this machine of a stack, by labels, and removes it with the stack's state. For when the state is lost " +
            "or of no use; `pulumi destroy` is the regular way. Exit code 1: there is something that was not removed.",
    )
    .argument("[stack]", "the stack")
    .option("-y, --yes", "remove it without asking");

export async function run(words: Command, signal: AbortSignal): Promise<number> {
    const { yes = false, ...options } = words.opts<StackOptions & { yes?: true }>();
    const choice = chooseStack({ stack: words.args[0], ...options });
    const stack = await openStack(choice, signal);
    const name = runtimeOf(choice.configFile);
    const engine = runtime(name);
    const found = await leftovers(engine, stack.name);
    const recorded = (await stack.stateIfAny()) !== undefined;
    const lines = [
        ...describeLeftovers(found),
        ...(recorded ? [`the state of the stack "${stack.name}"`] : []),
    ];
    if (found.foreign.length > 0) {
        throw new Error(
            `Containers that are not of this stack are on its network: ${found.foreign.join(", ")}. Nothing was ` +
                `removed. Take each away first: ${name} network disconnect ${found.networks[0]!.name} CONTAINER`,
        );
    }
    if (lines.length === 0) {
        console.error(`Nothing of the stack "${stack.name}" is here.`);
        return 0;
    }
    const list = `Of the stack "${stack.name}" there is:\n${lines.map((line) => `  - ${line}`).join("\n")}`;
    if (!yes && !process.stdin.isTTY) {
        console.error(`${list}\nNothing was removed. To remove it: the same command with --yes`);
        return 1;
    }
    if (!yes && !(await confirm(list, "Remove it?"))) {
        return 1;
    }
    unlock(stack, console.error);
    await removeLeftovers(engine, found);
    if (recorded) {
        await stack.forget();
    }
    console.error(`${yes ? `${list}\n` : ""}It was removed.`);
    return 0;
}
