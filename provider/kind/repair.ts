import type { Call } from "../resource.ts";
import type { Runtime } from "../runtime/runtime.ts";
import { apiNodes } from "./api.ts";
import { openGates } from "./gate.ts";
import { LABELS } from "../../plan/labels.ts";
import type { KindInputs } from "./spec.ts";
import { start } from "./start.ts";
import { addWorkers, deleteNodes } from "./worker.ts";
import { look, refuseForeign } from "./world.ts";
import type { Ids } from "./world.ts";

/**
 * Has every node of a living cluster run on its network, and makes the workers those that are wanted. `before` tells
 * which nodes the cluster's contents already count with.
 */
export async function repair(
    runtime: Runtime,
    inputs: KindInputs,
    before: Pick<KindInputs, "nodes">,
    call: Call,
    recorded?: Ids,
): Promise<void> {
    const { signal } = call;
    const { network, cniPlugins, archives = [], registries } = inputs;
    const world = await look(runtime, inputs, call, recorded);
    refuseForeign(world, inputs, runtime.name);
    const controlPlane = world.own.find(({ name }) => name === inputs.nodes[0]);
    if (!controlPlane) {
        throw new Error(`container ${inputs.nodes[0] ?? ""} is gone; run \`pulumi up\` once more`);
    }
    const wanted = world.own.filter(({ name }) => inputs.nodes.includes(name));
    await start(runtime, inputs, wanted, call);
    const nodes = await apiNodes(runtime, controlPlane.name, signal);
    // A killed run may have left a worker that never joined; it is no better than none.
    const kept = world.own.filter(
        (container) =>
            container === controlPlane ||
            (inputs.nodes.includes(container.name) &&
                nodes.some(({ name }) => name === container.name)),
    );
    const keeps = (node: string) => kept.some(({ name }) => name === node);
    const host = {
        runtime,
        controlPlane,
        cluster: inputs.name,
        network,
        cniPlugins,
        archives,
        registries,
        call,
    };
    const useless = world.own.filter((container) => !kept.includes(container));
    for (const { name } of useless.filter(({ name }) => inputs.nodes.includes(name))) {
        call.log("info", `worker ${name} never joined; it is recreated`);
    }
    const missing = inputs.nodes.filter((node) => !keeps(node));
    await runtime.remove(useless, call);
    // Only nodes that were made here: what else is registered, a simulated node say, is the user's.
    const made = nodes.filter(({ labels }) => LABELS.spec in labels).map(({ name }) => name);
    await deleteNodes(
        host,
        made.filter((node) => !keeps(node)),
    );
    await addWorkers(host, missing);
    await openGates(host, inputs.nodes.slice(1), before.nodes);
}
