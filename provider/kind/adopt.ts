import type { Call } from "../resource.ts";
import type { Container, Runtime } from "../runtime/runtime.ts";
import { apiNodes, contentsOf, hasDefaultStorageClass, isInitialized } from "./api.ts";
import { build } from "./build.ts";
import { repair } from "./repair.ts";
import { LABELS } from "../../plan/labels.ts";
import { specHash } from "./spec.ts";
import type { KindInputs } from "./spec.ts";
import { start } from "./start.ts";
import { look, refuseForeign } from "./world.ts";

/**
 * Makes the cluster, or adopts what an earlier run left of it. Containers are removed only on proof that there is
 * nothing to lose: never because something did not answer.
 */
export async function adoptOrBuild(
    runtime: Runtime,
    inputs: KindInputs,
    call: Call,
    lock: number,
): Promise<void> {
    const world = await look(runtime, inputs, call);
    refuseForeign(world, inputs, runtime.name);
    const { own } = world;
    if (own.length > 0) {
        const reason = await whyRebuilt(runtime, inputs, own, call);
        if (reason === undefined) {
            call.log("info", `cluster ${inputs.name} is there already and is adopted`);
            await repair(runtime, inputs, inputs, call);
            return;
        }
        call.log("info", `cluster ${inputs.name} ${reason}; it is recreated`);
        await runtime.remove(own, call);
    }
    await build(runtime, inputs, call, lock);
}

/** Why what is there is no cluster that can be adopted, nor one that anybody would miss; undefined if it can. */
async function whyRebuilt(
    runtime: Runtime,
    inputs: KindInputs,
    own: Container[],
    call: Call,
): Promise<string | undefined> {
    const { signal } = call;
    const { nodes: [name = ""] = [] } = inputs;
    const controlPlane = own.find((container) => container.name === name);
    if (!controlPlane) {
        refuseRenamed(runtime, name, own);
        return "has lost its control plane";
    }
    await start(runtime, inputs, [controlPlane], call);
    if (!(await isInitialized(runtime, name, signal))) {
        return "was left half-made";
    }
    const nodes = await apiNodes(runtime, name, signal);
    const reason = (await hasDefaultStorageClass(runtime, name, signal))
        ? otherSpecification(inputs, controlPlane, nodes)
        : "lacks the storage class `standard`, the last thing that kind makes";
    if (reason === undefined) {
        return undefined;
    }
    const contents = await contentsOf(runtime, name, signal);
    if (contents.length === 0) {
        return `${reason} and is empty`;
    }
    const containers = own.map((container) => container.name).join(" ");
    throw new Error(
        `it is there already, but ${reason}, and it is not empty (${contents.join(", ")}), so it is left alone. ` +
            "Undo that difference to have it adopted, or remove it with all that is in it: " +
            `${runtime.name} rm -f -v ${containers}`,
    );
}

/** A control plane under another name holds the cluster's data still. */
function refuseRenamed({ name: program }: Runtime, name: string, own: Container[]): void {
    const renamed = own.find(({ labels }) => labels["io.x-k8s.kind.role"] === "control-plane");
    if (renamed) {
        throw new Error(
            `its control plane is called ${renamed.name} now, not ${name}; nothing was removed. ` +
                `Name it back: ${program} rename ${renamed.name} ${name}, or remove it: ${program} rm -f -v ${renamed.name}`,
        );
    }
}

/** How the nodes differ from what would be made now; workers may be more or fewer. Other nodes are the user's. */
function otherSpecification(
    inputs: KindInputs,
    { image }: Container,
    nodes: { name: string; labels: Record<string, string> }[],
): string | undefined {
    const spec = specHash(inputs);
    const others = nodes.filter(
        ({ name, labels }) => inputs.nodes.includes(name) && labels[LABELS.spec] !== spec,
    );
    if (others.length === 0) {
        return undefined;
    }
    return image === inputs.image
        ? "was made from another specification (cluster configuration, network or runtime)"
        : `was made from another image (${image}, not ${inputs.image})`;
}
