import { equal } from "./equal.ts";
import { damages, disown, repair } from "./helm/damage.ts";
import type { Damage, Ours } from "./helm/damage.ts";
import { keyOf } from "./helm/release.ts";
import type { ReleaseName } from "./helm/release.ts";
import { kubeconfigOf } from "./kind/kubeconfigFile.ts";
import { KubeApi } from "./kube/api.ts";
import { LOOK_TIMEOUT, unlooked } from "./kube/unlooked.ts";
import type { Call, Recorded, Resource } from "./resource.ts";
import { hasUnknown } from "./rpc/properties.ts";
import { patient } from "../plan/patience.ts";

/** See ReleaseInventoryArgs in sdk.ts. */
export type InventoryInputs = {
    kubeconfigPath: string;
    ca: string;
    nodeAddresses: Record<string, string>;
    releases: ReleaseName[];
};

/** By name of the release: how often it was found damaged. */
export type InventoryOutputs = InventoryInputs & { repairs: Record<string, string> };

/** Milliseconds that an API may need to come back before looking at its releases fails. */
const API_TIMEOUT = patient(60_000);

/** Milliseconds between the two looks by which damage is found. */
const PAUSE = 1000;

/**
 * Finds Helm releases whose objects were deleted or changed by hand: the release resource itself compares only values.
 * A damaged release gets another number in `repairs`, which is one of its values, so that it is upgraded and heals.
 */
export function releaseInventory(
    pause = PAUSE,
    lookTimeout = LOOK_TIMEOUT,
): Resource<InventoryInputs, InventoryOutputs> {
    const glance: Search = { pause, timeout: lookTimeout };
    return {
        check: (inputs) => Promise.resolve({ inputs, failures: [] }),

        async diff(old, inputs, call) {
            const changes = Object.fromEntries(
                (["kubeconfigPath", "ca", "releases"] as const)
                    .filter((property) => !equal(old.inputs[property], inputs[property]))
                    .map((property) => [property, "update" as const]),
            );
            const findings = await damagedReleases(old, inputs, call, glance).then(
                (damaged) => damaged.flatMap((damage) => damage.findings),
                (error: unknown) => unlooked(error, call),
            );
            if (findings.length > 0) {
                call.log("info", `drift: ${findings.join("; ")}`);
            }
            for (const finding of findings) {
                changes[finding] = "update";
            }
            return { changes };
        },

        /** What waits for the inventory is recorded nowhere yet, whatever an adopted cluster may have of it. */
        async create(inputs, call) {
            const api = call.preview ? undefined : await apiOf(inputs, call, API_TIMEOUT);
            if (api) {
                await disown(api, inputs.releases);
            }
            return { id: "inventory", outputs: { ...inputs, repairs: {} } };
        },

        async update(old, inputs, call) {
            const damaged = call.preview
                ? await damagedReleases(old, inputs, call, glance).catch((error: unknown) => {
                      unlooked(error, call);
                      return [];
                  })
                : await damagedReleases(old, inputs, call, {
                      pause,
                      timeout: API_TIMEOUT,
                      heal: true,
                  });
            const { repairs } = old.outputs;
            const next = { ...repairs };
            for (const { name } of damaged) {
                next[name] = String(Number(repairs[name] ?? "0") + 1);
            }
            return { ...inputs, repairs: next };
        },

        read: ({ inputs, outputs }) => Promise.resolve({ inputs, outputs }),

        delete: () => Promise.resolve(),
    };
}

/** How damage is looked for. */
interface Search {
    /** Milliseconds between the two looks. */
    pause: number;
    /** Milliseconds for the API to answer. */
    timeout: number;
    /** Put right what an upgrade would leave as it is. */
    heal?: boolean;
}

/** None in a cluster that is new. */
async function damagedReleases(
    old: Recorded<InventoryInputs, InventoryOutputs>,
    inputs: InventoryInputs,
    call: Call,
    { pause, timeout, heal = false }: Search,
): Promise<Damage[]> {
    const api = old.inputs.ca === inputs.ca ? await apiOf(inputs, call, timeout) : undefined;
    if (api === undefined) {
        return [];
    }
    const damaged = await damages(api, oursOf(old.inputs, inputs), pause);
    if (heal) {
        await Promise.all(damaged.map((damage) => repair(api, damage)));
    }
    return damaged;
}

/** One that was not declared before may not be installed yet. States of earlier versions have no list. */
function oursOf(old: Partial<InventoryInputs>, { releases }: InventoryInputs): Ours {
    const before = new Set(old.releases?.map(keyOf));
    return {
        declared: releases,
        installed: releases.filter((release) => before.has(keyOf(release))),
    };
}

/** Undefined if the cluster cannot be asked before it is created, started or given its kubeconfig back. */
async function apiOf(
    inputs: InventoryInputs,
    { signal }: Call,
    timeout: number,
): Promise<KubeApi | undefined> {
    const kubeconfig = hasUnknown(inputs) ? undefined : await kubeconfigOf(inputs);
    return kubeconfig && new KubeApi(kubeconfig, { signal, timeout: timeout });
}
