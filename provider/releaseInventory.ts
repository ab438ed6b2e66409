import { damages, repair } from "./helm/damage.ts";
import type { Damage } from "./helm/damage.ts";
import { kubeconfigOf } from "./kind/kubeconfigFile.ts";
import { KubeApi } from "./kube/api.ts";
import type { Call, Recorded, Resource } from "./resource.ts";
import { hasUnknown } from "./rpc/properties.ts";

/** See ReleaseInventoryArgs in sdk.ts. */
export type InventoryInputs = {
    kubeconfigPath: string;
    ca: string;
    nodeAddresses: Record<string, string>;
};

export type InventoryOutputs = InventoryInputs & { repairs: Record<string, string> };

/** Milliseconds that an API may need to come back before looking at its releases fails. */
const PATIENCE = 60_000;

/**
 * Finds Helm releases whose objects were deleted or changed by hand: the release resource itself compares only values.
 * A damaged release gets another number in `repairs`, which is one of its values, so that it is upgraded and heals.
 */
export function releaseInventory(): Resource<InventoryInputs, InventoryOutputs> {
    return {
        check: (inputs) => Promise.resolve({ inputs, failures: [] }),

        async diff(old, inputs, call) {
            const changes = Object.fromEntries(
                (["kubeconfigPath", "ca"] as const)
                    .filter((property) => old.inputs[property] !== inputs[property])
                    .map((property) => [property, "update" as const]),
            );
            const damaged = await damagedReleases(old, inputs, call);
            const findings = damaged.flatMap((damage) => damage.findings);
            if (findings.length > 0) {
                call.log("info", `drift: ${findings.join("; ")}`);
            }
            for (const finding of findings) {
                changes[finding] = "update";
            }
            return { changes };
        },

        create: (inputs) =>
            Promise.resolve({ id: "inventory", outputs: { ...inputs, repairs: {} } }),

        async update(old, inputs, call) {
            const damaged = await damagedReleases(old, inputs, call, !call.preview);
            const { repairs } = old.outputs;
            const next = { ...repairs };
            for (const { release } of damaged) {
                next[release] = String(Number(repairs[release] ?? "0") + 1);
            }
            return { ...inputs, repairs: next };
        },

        read: ({ inputs, outputs }) => Promise.resolve({ inputs, outputs }),

        delete: () => Promise.resolve(),
    };
}

/**
 * None in a cluster that is new, or that cannot be asked before it was made, started or given its kubeconfig back.
 * With `heal`, what an upgrade would leave as it is has been put right.
 */
async function damagedReleases(
    old: Recorded<InventoryInputs, InventoryOutputs>,
    inputs: InventoryInputs,
    { signal }: Call,
    heal = false,
): Promise<Damage[]> {
    const same = !hasUnknown(inputs) && old.inputs.ca === inputs.ca;
    const kubeconfig = same ? await kubeconfigOf(inputs) : undefined;
    if (kubeconfig === undefined) {
        return [];
    }
    const api = new KubeApi(kubeconfig, { signal, patience: PATIENCE });
    const damaged = await damages(api);
    if (heal) {
        await Promise.all(damaged.map((damage) => repair(api, damage)));
    }
    return damaged;
}
