import { stringify } from "yaml";
import type { ClusterPlan } from "./topology/plan.ts";

/** The kind configuration (v1alpha4) of a planned cluster. */
export function kindConfig(cluster: ClusterPlan): string {
    const { podSubnet, serviceSubnet, primary, kubeProxyMode } = cluster;
    return stringify({
        kind: "Cluster",
        apiVersion: "kind.x-k8s.io/v1alpha4",
        networking: {
            podSubnet,
            serviceSubnet,
            ...(primary !== "kindnet" && { disableDefaultCNI: true }),
            // Left out where it is kind's default: another text is another cluster.
            ...(kubeProxyMode !== "iptables" && { kubeProxyMode }),
        },
        nodes: cluster.nodes.map(({ role }) => ({ role })),
    });
}
