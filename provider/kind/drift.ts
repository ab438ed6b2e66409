import { equal } from "../equal.ts";
import { UNKNOWN } from "../resource.ts";
import type { ChangeKind, Recorded } from "../resource.ts";
import type { Container } from "../runtime/runtime.ts";
import { isLimit, specHash } from "./spec.ts";
import type { KindInputs, KindOutputs } from "./spec.ts";

type Changes = Record<string, ChangeKind>;

/** Inputs that make another cluster when they change. */
const IDENTITY = ["name", "network", "image", "runtime", "config"] as const;

/** What differs between the recorded inputs and the new ones. */
export function inputChanges(old: KindInputs, now: KindInputs): Changes {
    const changes: Changes = {};
    const unknown = IDENTITY.filter((property) => now[property] === UNKNOWN);
    for (const property of unknown) {
        changes[property] = "update-replace";
    }
    if (unknown.length === 0 && (old.name !== now.name || specHash(old) !== specHash(now))) {
        for (const property of IDENTITY.filter((property) => old[property] !== now[property])) {
            changes[property] = "update-replace";
        }
    }
    if (!equal(old.owner, now.owner)) {
        changes["owner"] = "update-replace";
    }
    if (!equal(old.nodes, now.nodes)) {
        changes["nodes"] = "update";
    }
    if (!equal(old.registries ?? {}, now.registries ?? {})) {
        changes["registries"] = "update";
    }
    for (const property of ["memory", "kubeconfigPath", "cniPlugins"] as const) {
        if (old[property] !== now[property]) {
            changes[property] = "update";
        }
    }
    return changes;
}

/** What became different behind Pulumi's back. Nodes that come or go by the new inputs are no drift. */
export function liveChanges(
    old: Recorded<KindInputs, KindOutputs>,
    now: KindInputs,
    own: Container[],
): Changes {
    const changes: Changes = {};
    const byName = new Map(own.map((container) => [container.name, container]));
    const [controlPlane] = old.inputs.nodes;
    for (const name of old.inputs.nodes.filter((node) => now.nodes.includes(node))) {
        const container = byName.get(name);
        if (!container) {
            changes[`container ${name} (deleted outside Pulumi)`] =
                name === controlPlane ? "delete-replace" : "update";
        } else if (container.state !== "running") {
            changes[`container ${name} (${container.state} outside Pulumi)`] = "update";
        } else {
            Object.assign(changes, runningChanges(old, now, container));
        }
    }
    return changes;
}

function runningChanges(
    { inputs, outputs }: Recorded<KindInputs, KindOutputs>,
    now: KindInputs,
    container: Container,
): Changes {
    const changes: Changes = {};
    const { id, name, memory, networks } = container;
    if (!(inputs.network in networks)) {
        const key = `container ${name} (disconnected from network ${inputs.network} outside Pulumi)`;
        return { [key]: "update" };
    }
    if ((outputs.containers?.[name] ?? id) !== id) {
        changes[`container ${name} (recreated outside Pulumi)`] = "update";
    }
    const recorded = (outputs.nodeAddresses as Record<string, string> | undefined)?.[name];
    if (networks[inputs.network] !== recorded) {
        changes[`nodeAddresses.${name}`] = "update";
    }
    if (inputs.memory === now.memory && !isLimit(memory, now.memory)) {
        changes[`memory of container ${name} (changed outside Pulumi)`] = "update";
    }
    return changes;
}
