import { resolve } from "node:path";
import type { Command } from "commander";
import { foreground } from "../../system/process.ts";
import { stackCommand, type StackOptions } from "../commandLine.ts";
import { PROJECT } from "../project.ts";
import { clusterAtHand, type ClusterAtHand } from "../clusterAtHand.ts";
import { chooseStack, type Choice } from "../state/stack.ts";

interface Outputs {
    clusters?: Record<string, { kubeconfig: string }>;
}

export const words = stackCommand("shell")
    .summary("open a shell in a demo pod")
    .description("Opens a shell in a demo pod, or runs a command there.")
    .usage("[options] <cluster> <demo> [command...]")
    .argument("<cluster>", "the cluster")
    .argument("<demo>", "the demo Deployment, such as demo1")
    .argument("[command...]", "a command with its own options; default: sh");

/** Operands that name the pod. */
const POD = 2;

/** Marks where the command for the pod begins: from there on, options are the command's. */
export function separate(args: string[]): string[] {
    let operands = 0;
    for (let i = 0; i < args.length && args[i] !== "--"; i++) {
        if (args[i]!.startsWith("-")) {
            i += takesValue(args[i]!) ? 1 : 0;
        } else if (operands++ === POD) {
            return [...args.slice(0, i), "--", ...args.slice(i)];
        }
    }
    return args;
}

function takesValue(flag: string): boolean {
    return words.options.some(
        ({ required, short, long }) => required && [short, long].includes(flag),
    );
}

export async function run(words: Command, signal: AbortSignal): Promise<number> {
    const [cluster = "", demo = "", ...command] = words.args;
    const choice = chooseStack(words.opts<StackOptions>());
    const { kubectl, kubeconfig, env } =
        (await clusterAtHand(choice, cluster)) ?? (await setUpCluster(choice, cluster, signal));
    const terminal = process.stdin.isTTY ? ["--stdin", "--tty"] : ["--stdin"];
    const args = [
        ...["--kubeconfig", kubeconfig, "exec", ...terminal, `deploy/${demo}`, "--"],
        ...(command.length > 0 ? command : ["sh"]),
    ];
    return foreground(kubectl, args, { cwd: PROJECT, env });
}

/** What is needed for a shell, after setting up whatever is missing. */
async function setUpCluster(
    choice: Choice,
    cluster: string,
    signal: AbortSignal,
): Promise<ClusterAtHand> {
    const { openStack } = await import("../state/openStack.ts");
    const stack = await openStack(choice, signal);
    const { clusters = {} } = await stack.outputs<Outputs>();
    const kubeconfig = clusters[cluster]?.kubeconfig;
    if (!kubeconfig) {
        const known = Object.keys(clusters).join(", ") || "none; npm run up makes them";
        throw new Error(`The stack "${stack.name}" has no cluster "${cluster}". It has: ${known}.`);
    }
    return { kubectl: "kubectl", kubeconfig: resolve(PROJECT, kubeconfig), env: stack.env };
}
