import type { Command } from "commander";
import { claimCheckout } from "../checkout.ts";
import { stackCommand, type StackOptions } from "../commandLine.ts";
import { contextsFile, refreshContexts } from "../contexts.ts";
import { shellExports } from "../setup/environment.ts";
import { alsoExported } from "../setup/exported.ts";
import { setUp } from "../setup/setup.ts";
import { chooseStack } from "../state/stack.ts";

export const words = stackCommand("env")
    .summary("print what a shell needs for pulumi, kubectl, kind and docker")
    .description(
        'Sets up what is missing and prints lines for a shell: eval "$(npm run -s env)". Then plain pulumi, kubectl, kind and ' +
            "docker work on the stack.",
    )
    .argument("[stack]", "the stack")
    .option("--json", "print the variables as a JSON object");

/** On standard output nothing but what is asked for. */
export async function run(words: Command, signal: AbortSignal): Promise<number> {
    const { json, ...options } = words.opts<StackOptions & { json?: true }>();
    claimCheckout();
    const choice = chooseStack({ stack: words.args[0], ...options });
    const variables = await setUp(choice, signal);
    refreshContexts(choice.name);
    const all = alsoExported(variables, { KUBECONFIG: contextsFile(choice.name) });
    process.stdout.write(json ? `${JSON.stringify(all, null, 4)}\n` : shellExports(all));
    return 0;
}
