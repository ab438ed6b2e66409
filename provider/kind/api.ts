import { setTimeout } from "node:timers/promises";
import { CommandFailed } from "../../system/process.ts";
import type { Runtime } from "../runtime/runtime.ts";
import { patient } from "../../plan/patience.ts";

const ADMIN = "/etc/kubernetes/admin.conf";

/** Milliseconds that a control plane may take from the start of its container until its API answers. */
const START_TIME = patient(90_000);

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
    const argv = ["kubectl", "--kubeconfig", ADMIN, `--request-timeout=${patient(10)}s`, ...args];
    return runtime.exec(controlPlane, argv, { signal });
}

/** False if `kubeadm init` never got to the point where an administrator could log in. */
export function isInitialized(
    runtime: Runtime,
    controlPlane: string,
    signal: AbortSignal,
): Promise<boolean> {
    return isFile(runtime, controlPlane, ADMIN, signal);
}

/** Whether a running node has that file; throws if that cannot be told. */
export async function isFile(
    runtime: Runtime,
    node: string,
    path: string,
    signal: AbortSignal,
): Promise<boolean> {
    try {
        await runtime.exec(node, ["test", "-f", path], { signal });
        return true;
    } catch (error) {
        if (error instanceof CommandFailed && error.code === 1 && error.stderr.trim() === "") {
            return false;
        }
        throw error;
    }
}

/**
 * Whether kind got to the end of what it does on a control plane: its last step there applies the storage class
 * `standard` (kind's pkg/cluster/internal/create, installstorage).
 */
export async function hasDefaultStorageClass(
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
    timeout = START_TIME,
): Promise<ApiNode[]> {
    const deadline = performance.now() + timeout;
    for (;;) {
        try {
            const args = ["get", "nodes", "--output=json"];
            const { items } = JSON.parse(
                await adminKubectl(runtime, controlPlane, args, signal),
            ) as { items: { metadata: ApiNode }[] };
            return items.map(({ metadata: { name, labels } }) => ({ name, labels }));
        } catch (error) {
            if (signal.aborted || !(error instanceof CommandFailed)) {
                throw error;
            }
            if (performance.now() > deadline) {
                throw noAnswer(runtime, controlPlane, timeout, error);
            }
        }
        await setTimeout(PAUSE, undefined, { signal });
    }
}

function noAnswer(runtime: Runtime, node: string, timeout: number, { message }: Error): Error {
    return new Error(
        `the Kubernetes API in the container ${node} did not answer within ${timeout / 1000} s; nothing was ` +
            `removed. Restart the node: ${runtime.name} restart ${node}. If that does not help, as when its etcd ` +
            "was damaged by a power failure, have the cluster recreated, with all that is in it lost: " +
            `${runtime.name} rm -f -v ${node}, then \`pulumi up\`.\n${message}`,
    );
}

/** Namespaces that every kind cluster has. */
const SYSTEM = ["default", "kube-system", "kube-public", "kube-node-lease", "local-path-storage"];

/** Namespaces whose objects come with every cluster, a Helm release excepted. */
const OWN_CONTENT = ["kube-system", "local-path-storage"];

const KINDS =
    "namespaces,pods,deployments,daemonsets,statefulsets,jobs,persistentvolumeclaims,secrets";

/** What a cluster holds that kind did not put there, a few examples of it; nothing in one that was just made. */
export async function contentsOf(
    runtime: Runtime,
    controlPlane: string,
    signal: AbortSignal,
): Promise<string[]> {
    const columns = "KIND:.kind,NAMESPACE:.metadata.namespace,NAME:.metadata.name";
    const args = ["get", KINDS, "--all-namespaces", "--no-headers", "--output"];
    const text = await adminKubectl(
        runtime,
        controlPlane,
        [...args, `custom-columns=${columns}`],
        signal,
    );
    return text
        .split("\n")
        .map((line) => line.trim().split(/\s+/))
        .filter(([kind = "", namespace = "", name = ""]) =>
            kind === "Namespace"
                ? !SYSTEM.includes(name)
                : name !== "" &&
                  (!OWN_CONTENT.includes(namespace) || name.startsWith("sh.helm.release.")),
        )
        .map(([kind = "", namespace = "", name = ""]) =>
            [kind, namespace === "<none>" ? name : `${namespace}/${name}`].join(" "),
        )
        .slice(0, 5);
}
