import { stringify } from "yaml";
import type { ClusterPlan } from "./topology/plan.ts";

/** The kind configuration (v1alpha4) of a planned cluster. */
export function kindConfig(cluster: ClusterPlan): string {
    return stringify({
        kind: "Cluster",
        apiVersion: "kind.x-k8s.io/v1alpha4",
        networking: { podSubnet: cluster.podSubnet, serviceSubnet: cluster.serviceSubnet },
        nodes: cluster.nodes.map(({ role }) => ({ role })),
    });
}
