import { join } from "node:path";
import type { Command } from "commander";
import { validateConfig } from "../../plan/config/validate.ts";
import { planTopology } from "../../plan/planTopology.ts";
import { runtime } from "../../provider/runtime/runtimes.ts";
import { Cache } from "../../system/cache.ts";
import { writeArchive } from "../bugreport/archive.ts";
import { knownSecrets } from "../bugreport/knownSecrets.ts";
import { nodeStates } from "../bugreport/nodes.ts";
import { reportFiles } from "../bugreport/report.ts";
import { versions } from "../bugreport/versions.ts";
import { hiderOf } from "../bugreport/withoutSecrets.ts";
import { stackCommand, type StackOptions } from "../commandLine.ts";
import { STATE_DIR, TYPED_IN } from "../project.ts";
import { Engine } from "../setup/engine.ts";
import { findEngine } from "../setup/findEngine.ts";
import { deploymentAsFound, stackAsFound } from "../state/asFound.ts";
import { chooseStack, PROJECT_NAME, type Choice } from "../state/stack.ts";
import { stackConfig } from "../state/stackFile.ts";

export const words = stackCommand("bugreport")
    .summary("pack up what is needed to understand what is wrong")
    .description(
        "Writes an archive, readable by its owner only, with all that is needed to understand what is wrong with a stack, and no " +
            "credential as far as they are known. Looks at what is there and changes nothing.",
    )
    .argument("[stack]", "the stack");

export async function run(words: Command, signal: AbortSignal): Promise<number> {
    const choice = chooseStack({ stack: words.args[0], ...words.opts<StackOptions>() });
    const problems: string[] = [];
    const noted = <T>(what: string, promise: Promise<T>) =>
        promise.catch((error: Error) => {
            signal.throwIfAborted();
            problems.push(`${what}: ${error.message}`);
            return undefined;
        });
    console.error(`Looking at the stack "${choice.name}" ...`);
    const cache = new Cache();
    const config = readConfig(choice);
    const name = config["runtime"] === "podman" ? "podman" : "docker";
    const engine = await noted("Container engine", findEngine(new Engine(cache), name));
    const stack = stackAsFound(choice, signal, engine?.address);
    Object.assign(process.env, stack.env); // for the programs that are started
    const deployment = await noted("State", deploymentAsFound(stack));
    const nodes = await noted(
        "Nodes",
        nodeStates(runtime(name), nodeNames(choice.name, config), signal),
    );
    const files = reportFiles({
        stack: choice.name,
        configFile: choice.configFile,
        deployment,
        logs: join(cache.root, "logs"),
        nodes: nodes ?? new Map<string, string>(),
        versions: await versions(name, stack.env),
        problems,
    });
    signal.throwIfAborted();
    const folder = `multinet-bugreport-${choice.name}-${timestamp(new Date())}`;
    const file = join(TYPED_IN, `${folder}.tar.gz`);
    const secrets = knownSecrets(join(STATE_DIR, "kubeconfigs"), process.env);
    await writeArchive(file, folder, files, hiderOf(secrets));
    console.error(
        "Credentials were taken out as far as they are known. Have a look before you pass it on: tar -xzf FILE",
    );
    console.log(file);
    return 0;
}

/** Nothing, where the file is not YAML: the report says so. */
function readConfig({ configFile }: Choice): Record<string, unknown> {
    try {
        return stackConfig(configFile);
    } catch {
        return {};
    }
}

function nodeNames(stack: string, config: Record<string, unknown>): string[] {
    const owner = { project: PROJECT_NAME, stack };
    const result = validateConfig(config, owner);
    return "problems" in result
        ? []
        : planTopology(result.topology, owner).clusters.flatMap(({ nodes }) =>
              nodes.map(({ name }) => name),
          );
}

/** `20261126-041209`, UTC. */
function timestamp(now: Date): string {
    return now.toISOString().slice(0, 19).replaceAll(/[-:]/g, "").replace("T", "-");
}
