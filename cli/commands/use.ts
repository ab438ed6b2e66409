import type { Command } from "commander";
import { stackCommand, type StackOptions } from "../commandLine.ts";
import { contextsFile, refreshContexts } from "../contexts.ts";
import { SHELL_KUBECONFIG } from "../project.ts";
import { chooseStack } from "../state/stack.ts";

export const words = stackCommand("use")
    .summary("make kubectl talk to a cluster")
    .description(
        "Makes kubectl talk to a cluster of the stack, in every shell that has evaluated `npm run -s env` for that stack: sets " +
            "the current context of the kubeconfig file that these shells share.",
    )
    .argument("<cluster>", "the cluster")
    .argument("[stack]", "the stack");

export async function run(words: Command): Promise<number> {
    const [cluster = "", named] = words.args;
    const { name } = chooseStack({ stack: named, ...words.opts<StackOptions>() });
    const known = refreshContexts(name, cluster);
    if (!known.includes(cluster)) {
        const list = known.join(", ") || `none; npm run up -- ${name} makes them`;
        throw new Error(`The stack "${name}" has no cluster "${cluster}". It has: ${list}.`);
    }
    console.log(`kubectl talks to ${cluster} of the stack "${name}" now.`);
    if (SHELL_KUBECONFIG !== contextsFile(name)) {
        console.log(
            `This shell's kubectl does so after: eval "$(npm run -s env -- --stack ${name})"`,
        );
    }
    return 0;
}
