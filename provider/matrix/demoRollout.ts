import type { KubeApi } from "../kube/api.ts";

/** A Deployment as the API gives it. */
export interface ApiDeployment {
    metadata: { name: string; generation?: number };
    spec: { replicas?: number };
    status?: { observedGeneration?: number; updatedReplicas?: number };
}

/** Demo Deployments of a namespace whose pods are not yet all of what they should be. */
export async function unfinished(api: KubeApi, namespace: string): Promise<string[]> {
    const selector = encodeURIComponent("app.kubernetes.io/name=demo");
    const found = await api.get<{ items: ApiDeployment[] }>(
        `/apis/apps/v1/namespaces/${namespace}/deployments?labelSelector=${selector}`,
    );
    return (found?.items ?? []).filter((one) => !isFinished(one)).map((one) => one.metadata.name);
}

export function isFinished({ metadata, spec, status = {} }: ApiDeployment): boolean {
    const { replicas = 1 } = spec;
    const { observedGeneration = 0, updatedReplicas = 0 } = status;
    return observedGeneration >= (metadata.generation ?? 0) && updatedReplicas >= replicas;
}
