import { setTimeout } from "node:timers/promises";
import { CommandFailed } from "../exec.ts";
import type { Runtime } from "../runtime/runtime.ts";
import { RuntimeSilent } from "../runtime/silent.ts";

const ADMIN = "/etc/kubernetes/admin.conf";

/** Milliseconds that a control plane may take from the start of its container until its API answers. */
const START_TIME = 90_000;

/** Milliseconds between two tries. */
const PAUSE = 500;

export interface ApiNode {
    name: string;
    labels: Record<string, string>;
}

/** Runs kubectl as the administrator inside the control plane's container. */
export function adminKubectl(
    runtime: Runtime,
    controlPlane: string,
    args: string[],
    signal: AbortSignal,
): Promise<string> {
    const argv = ["kubectl", "--kubeconfig", ADMIN, "--request-timeout=10s", ...args];
    return runtime.exec(controlPlane, argv, { signal });
}

/** False if `kubeadm init` never got to the point where an administrator could log in. */
export async function isInitialized(
    runtime: Runtime,
    controlPlane: string,
    signal: AbortSignal,
): Promise<boolean> {
    try {
        await runtime.exec(controlPlane, ["test", "-f", ADMIN], { signal });
        return true;
    } catch (error) {
        if (error instanceof CommandFailed && error.code === 1) {
            return false;
        }
        throw error;
    }
}

/**
 * Whether kind got to the end of what it does on a control plane: its last step there applies the storage class
 * `standard` (kind's pkg/cluster/internal/create, installstorage).
 */
export async function isFurnished(
    runtime: Runtime,
    controlPlane: string,
    signal: AbortSignal,
): Promise<boolean> {
    const args = ["get", "storageclass", "standard", "--ignore-not-found", "--output=name"];
    return (await adminKubectl(runtime, controlPlane, args, signal)).trim() !== "";
}

/** The cluster's nodes, as soon as its API answers; throws if it does not within the time a start takes. */
export async function apiNodes(
    runtime: Runtime,
    controlPlane: string,
    signal: AbortSignal,
    patience = START_TIME,
): Promise<ApiNode[]> {
    const deadline = Date.now() + patience;
    for (;;) {
        try {
            const args = ["get", "nodes", "--output=json"];
            const { items } = JSON.parse(
                await adminKubectl(runtime, controlPlane, args, signal),
            ) as { items: { metadata: ApiNode }[] };
            return items.map(({ metadata: { name, labels } }) => ({ name, labels }));
        } catch (error) {
            const hopeless = !(error instanceof CommandFailed) || error instanceof RuntimeSilent;
            if (signal.aborted || hopeless || Date.now() > deadline) {
                throw error;
            }
        }
        await setTimeout(PAUSE, undefined, { signal });
    }
}
