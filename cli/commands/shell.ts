import { resolve } from "node:path";
import { foreground } from "../../system/process.ts";
import { openStack } from "../state/openStack.ts";
import { PROJECT } from "../project.ts";
import { chooseStack } from "../state/stack.ts";

interface Outputs {
    clusters?: Record<string, { kubeconfig: string }>;
}

/** `npm run shell CLUSTER DEMO [-- COMMAND...]`: a shell (or the command) in a demo pod. */
export async function shell(args: string[], signal: AbortSignal): Promise<number> {
    const choice = chooseStack(args);
    const [cluster, demo, ...command] = choice.rest.filter((argument) => argument !== "--");
    if (!cluster || !demo) {
        throw new Error("Which pod? For example: npm run shell edge1 demo1");
    }
    const stack = await openStack(choice, signal);
    const { clusters = {} } = await stack.outputs<Outputs>();
    const kubeconfig = clusters[cluster]?.kubeconfig;
    if (!kubeconfig) {
        const known = Object.keys(clusters).join(", ") || "none; npm run up makes them";
        throw new Error(`The stack "${stack.name}" has no cluster "${cluster}". It has: ${known}.`);
    }
    const terminal = process.stdin.isTTY ? ["--stdin", "--tty"] : ["--stdin"];
    const exec = [
        "exec",
        ...terminal,
        `deploy/${demo}`,
        "--",
        ...(command.length > 0 ? command : ["sh"]),
    ];
    const kubectl = ["--kubeconfig", resolve(PROJECT, kubeconfig), ...exec];
    return foreground("kubectl", kubectl, { cwd: PROJECT, env: stack.env });
}
