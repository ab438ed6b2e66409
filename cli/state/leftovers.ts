import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { CLUSTER_LABEL } from "../../provider/kind/world.ts";
import type { Container, Runtime } from "../../provider/runtime/runtime.ts";
import { run } from "../../system/process.ts";
import { STATE_DIR } from "../project.ts";
import { PROJECT_NAME } from "./stack.ts";
import { LABELS } from "../../plan/labels.ts";

/** What is on this machine of one stack, by labels, whatever a state says. */
export interface Leftovers {
    /** Nodes of kind clusters on a network of the stack, with names of this project. */
    nodes: Container[];
    networks: { id: string; name: string }[];
    /** Containers of others on these networks, which keep them from being removed. */
    foreign: string[];
    /** The folder with the stack's kubeconfig files. */
    kubeconfigs: string | undefined;
}

/** Looks for everything that bears a stack's labels. */
export async function leftovers(runtime: Runtime, stack: string): Promise<Leftovers> {
    const networks = await ownNetworks(runtime, stack);
    const names = new Set([...networks.map(({ name }) => name), `${PROJECT_NAME}-${stack}`]);
    const onNetwork = ({ networks }: Container) =>
        Object.keys(networks).some((one) => names.has(one));
    const all = await runtime.containers({ label: CLUSTER_LABEL });
    const nodes = all
        .filter(onNetwork)
        .filter(({ labels }) => labels[CLUSTER_LABEL]!.startsWith(`${PROJECT_NAME}-`));
    const known = new Set(nodes.map(({ name }) => name));
    const attached = await Promise.all(networks.map(({ id }) => containersOn(runtime, id)));
    const folder = join(STATE_DIR, "kubeconfigs", stack);
    return {
        nodes,
        networks,
        foreign: attached.flat().filter((name) => !known.has(name)),
        kubeconfigs: existsSync(folder) ? folder : undefined,
    };
}

/** Removes by id what was found: a thing of the same name that came meanwhile is not it. */
export async function removeLeftovers(
    runtime: Runtime,
    { nodes, networks, kubeconfigs }: Leftovers,
): Promise<void> {
    await runtime.remove(nodes);
    for (const { id } of networks) {
        await run(runtime.name, ["network", "rm", id]);
    }
    if (kubeconfigs !== undefined) {
        rmSync(kubeconfigs, { recursive: true });
    }
}

/** One line for each thing. */
export function describeLeftovers({ nodes, networks, kubeconfigs }: Leftovers): string[] {
    return [
        ...nodes.map(({ id, name }) => `container ${name} (${id.slice(0, 12)}), with its volume`),
        ...networks.map(({ id, name }) => `network ${name} (${id.slice(0, 12)})`),
        ...(kubeconfigs === undefined ? [] : [`folder ${kubeconfigs}`]),
    ];
}

async function ownNetworks(runtime: Runtime, stack: string): Promise<Leftovers["networks"]> {
    const labels = [`${LABELS.project}=${PROJECT_NAME}`, `${LABELS.stack}=${stack}`];
    const filters = labels.flatMap((label) => ["--filter", `label=${label}`]);
    const format = ["--no-trunc", "--format", "{{.ID}} {{.Name}}"];
    const printed = await run(runtime.name, ["network", "ls", ...format, ...filters]);
    return printed
        .split("\n")
        .filter(Boolean)
        .map((line) => line.split(" "))
        .map(([id = "", name = ""]) => ({ id, name }));
}

/** Names of the running containers on a network. */
async function containersOn(runtime: Runtime, network: string): Promise<string[]> {
    const format = ["--format", "{{range .Containers}}{{println .Name}}{{end}}"];
    const printed = await run(runtime.name, ["network", "inspect", ...format, network]);
    return printed.split("\n").filter(Boolean);
}
