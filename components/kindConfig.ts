import { stringify } from "yaml";
import type { ClusterPlan } from "./topology/plan.ts";

/**
 * The kind configuration (v1alpha4) of a planned cluster. The control plane takes pods like any other node, whether or
 * not there are workers, so that every node's slice is in use.
 */
export function kindConfig(cluster: ClusterPlan): string {
    return stringify({
        kind: "Cluster",
        apiVersion: "kind.x-k8s.io/v1alpha4",
        networking: { podSubnet: cluster.podSubnet, serviceSubnet: cluster.serviceSubnet },
        kubeadmConfigPatches: [
            stringify({ kind: "InitConfiguration", nodeRegistration: { taints: [] } }),
        ],
        nodes: cluster.nodes.map(({ role }) => ({ role })),
    });
}
