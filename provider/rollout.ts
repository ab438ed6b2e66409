import { setTimeout } from "node:timers/promises";
import { equal } from "./equal.ts";
import { kubeconfigOf } from "./kind/kubeconfigFile.ts";
import { KubeApi } from "./kube/api.ts";
import { causes, progressOf } from "./kube/daemonSet.ts";
import type { Call, Resource } from "./resource.ts";
import { patient } from "../plan/patience.ts";

/** See RolloutArgs in sdk.ts. */
export type RolloutInputs = {
    kubeconfigPath: string;
    ca: string;
    namespace: string;
    daemonSet: string;
    revision: number;
};

/** Milliseconds. */
export interface Timeouts {
    /** For all pods to become ready, images included. */
    settle: number;
    /** Between two looks. */
    pause: number;
}

const TIMEOUTS: Timeouts = { settle: patient(300_000), pause: 250 };

/** Milliseconds that an API may need to come back. */
const API_TIMEOUT = patient(60_000);

/**
 * A DaemonSet that runs what its release installed, ready on every node. Helm could wait for that as well, but looks
 * every two seconds only, and does not say what a pod lacks.
 */
export function rollout(timeouts: Timeouts = TIMEOUTS): Resource<RolloutInputs, RolloutInputs> {
    return {
        check: (inputs) => Promise.resolve({ inputs, failures: [] }),

        diff(old, inputs) {
            const properties = Object.keys(inputs) as (keyof RolloutInputs)[];
            const changed = properties.filter((one) => !equal(old.inputs[one], inputs[one]));
            const changes = Object.fromEntries(changed.map((one) => [one, "update" as const]));
            return Promise.resolve({ changes });
        },

        create: async (inputs, call) => ({
            id: `${inputs.namespace}/${inputs.daemonSet}`,
            outputs: await finished(inputs, timeouts, call),
        }),

        update: (_old, inputs, call) => finished(inputs, timeouts, call),

        read: ({ inputs, outputs }) => Promise.resolve({ inputs, outputs }),

        delete: () => Promise.resolve(),
    };
}

async function finished(
    inputs: RolloutInputs,
    { settle, pause }: Timeouts,
    call: Call,
): Promise<RolloutInputs> {
    if (call.preview) {
        return inputs;
    }
    const { signal } = call;
    const kubeconfig = await kubeconfigOf(inputs);
    if (kubeconfig === undefined) {
        throw new Error(
            `${inputs.kubeconfigPath} is not the kubeconfig of this cluster (any more); ` +
                "`pulumi up` writes it again",
        );
    }
    const api = new KubeApi(kubeconfig, { signal, timeout: API_TIMEOUT });
    const deadline = performance.now() + settle;
    let said = "";
    for (;;) {
        const { ready, nodes } = await progressOf(api, inputs);
        if (nodes > 0 && ready === nodes) {
            return inputs;
        }
        const status = `ready on ${ready} of ${nodes} nodes`;
        if (performance.now() > deadline) {
            const listed = (await causes(api, inputs)).join("\n");
            throw new Error(`${inputs.daemonSet} is ${status} after ${settle / 1000} s\n${listed}`);
        }
        if (status !== said) {
            call.log("status", status);
            said = status;
        }
        await setTimeout(pause, undefined, { signal });
    }
}
