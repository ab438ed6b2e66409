import { setTimeout } from "node:timers/promises";
import type { KubeApi } from "../kube/api.ts";

/** A Deployment as the API gives it. */
export interface ApiDeployment {
    metadata: { name: string; generation?: number };
    spec: { replicas?: number };
    status?: { observedGeneration?: number; updatedReplicas?: number; readyReplicas?: number };
}

/** Milliseconds for all pods to become ready, images included, and between two looks. */
const PATIENCE = 300_000;
const PAUSE = 250;

/** Demo Deployments of a namespace that do not yet run what they should, all of it ready. */
export async function unfinished(api: KubeApi, namespace: string): Promise<string[]> {
    const selector = encodeURIComponent("app.kubernetes.io/name=demo");
    const found = await api.get<{ items: ApiDeployment[] }>(
        `/apis/apps/v1/namespaces/${namespace}/deployments?labelSelector=${selector}`,
    );
    return (found?.items ?? []).filter((one) => !isFinished(one)).map((one) => one.metadata.name);
}

/**
 * Waits until the demo pods are ready; when they do not become so, the matrix says what is wrong. Helm's own wait looks
 * every two seconds only.
 */
export async function rolledOut(
    apis: KubeApi[],
    namespace: string,
    signal: AbortSignal,
): Promise<void> {
    const deadline = Date.now() + PATIENCE;
    for (;;) {
        const open = await Promise.all(apis.map((api) => unfinished(api, namespace)));
        if (open.flat().length === 0 || Date.now() > deadline) return;
        await setTimeout(PAUSE, undefined, { signal });
    }
}

export function isFinished({ metadata, spec, status = {} }: ApiDeployment): boolean {
    const { replicas = 1 } = spec;
    const { observedGeneration = 0, updatedReplicas = 0, readyReplicas = 0 } = status;
    return (
        observedGeneration >= (metadata.generation ?? 0) &&
        updatedReplicas >= replicas &&
        readyReplicas >= replicas
    );
}
