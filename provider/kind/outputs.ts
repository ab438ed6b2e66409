import { exec } from "../exec.ts";
import { readKubeconfig } from "../kube/kubeconfig.ts";
import { UNKNOWN } from "../resource.ts";
import type { Call } from "../resource.ts";
import type { Container, Runtime } from "../runtime/runtime.ts";
import { writeKubeconfig } from "./kubeconfigFile.ts";
import { type Registries, writeRegistries } from "./registries.ts";
import { isLimit, parseBytes } from "./spec.ts";
import type { KindInputs, KindOutputs } from "./spec.ts";
import { byOwner } from "./world.ts";

type Present = Required<Pick<KindOutputs, "nodeAddresses" | "containers">>;

/**
 * Brings memory limits, the way to registries and the kubeconfig file in line, and tells what the cluster is like now.
 * `before` is what its nodes were told of registries.
 */
export async function finish(
    runtime: Runtime,
    inputs: KindInputs,
    call: Call,
    before?: Registries,
): Promise<KindOutputs> {
    const found = await runtime.containers({ names: inputs.nodes }, call);
    const { own } = byOwner(found, inputs);
    for (const { id } of own.filter(({ memory }) => !isLimit(memory, inputs.memory))) {
        await runtime.setMemory(id, parseBytes(inputs.memory) ?? 0, call);
    }
    const nodes = own.map(({ name }) => name);
    await writeRegistries(runtime, nodes, { now: inputs.registries, before }, call);
    const kubeconfig = await exec("kind", ["get", "kubeconfig", "--name", inputs.name], {
        env: runtime.kindEnv(inputs.network),
        signal: call.signal,
    });
    await writeKubeconfig(inputs.kubeconfigPath, kubeconfig);
    const { ca, endpoint } = readKubeconfig(kubeconfig);
    return { ...inputs, ca, endpoint, kubeconfig, ...present(own, inputs) };
}

/** What an update will give: addresses are known unless a node must be started or created first. */
export function expected(outputs: KindOutputs, inputs: KindInputs, own: Container[]): KindOutputs {
    const now = present(own, inputs);
    const known = inputs.nodes.every((node) => node in now.nodeAddresses);
    const unknown = { nodeAddresses: UNKNOWN, containers: UNKNOWN } as unknown as Present;
    const { kubeconfig, ca, endpoint } = outputs;
    return { ...inputs, kubeconfig, ca, endpoint, ...(known ? now : unknown) };
}

/** Address of each node that runs, and id of each that is there, by name and in the order of the names. */
export function present(own: Container[], { nodes, network }: KindInputs): Present {
    const here = own
        .filter(({ name }) => nodes.includes(name))
        .sort((a, b) => (a.name < b.name ? -1 : 1));
    const addresses = here
        .map(({ name, networks }) => [name, networks[network] ?? ""] as const)
        .filter(([, address]) => address !== "");
    return {
        nodeAddresses: Object.fromEntries(addresses),
        containers: Object.fromEntries(here.map(({ name, id }) => [name, id])),
    };
}
