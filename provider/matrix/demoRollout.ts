import type { KubeApi } from "../kube/api.ts";

/** A Deployment as the API gives it. */
export interface ApiDeployment {
    metadata: { name: string; generation?: number };
    spec: { replicas?: number };
    status?: { observedGeneration?: number; updatedReplicas?: number };
}

/** For lists: the demo Deployments, or their pods. */
export const DEMOS = `labelSelector=${encodeURIComponent("app.kubernetes.io/name=demo")}`;

/** Demo Deployments of a namespace whose pods are not yet all of what they should be. */
export async function unfinished(api: KubeApi, namespace: string): Promise<string[]> {
    const found = await api.get<{ items: ApiDeployment[] }>(
        `/apis/apps/v1/namespaces/${namespace}/deployments?${DEMOS}`,
    );
    return (found?.items ?? []).filter((one) => !isFinished(one)).map((one) => one.metadata.name);
}

export function isFinished({ metadata, spec, status = {} }: ApiDeployment): boolean {
    const { replicas = 1 } = spec;
    const { observedGeneration = 0, updatedReplicas = 0 } = status;
    return observedGeneration >= (metadata.generation ?? 0) && updatedReplicas >= replicas;
}
