import { stringify } from "yaml";
import type { ClusterPlan } from "./plan.ts";
import { primaryOf } from "./primaries/types.ts";

/** The kind configuration (v1alpha4) of a planned cluster. */
export function kindConfig(cluster: ClusterPlan): string {
    const { podSubnet, serviceSubnet, kubeProxyMode } = cluster;
    return stringify({
        kind: "Cluster",
        apiVersion: "kind.x-k8s.io/v1alpha4",
        networking: {
            podSubnet,
            serviceSubnet,
            ...(primaryOf(cluster).installs && { disableDefaultCNI: true }),
            // Left out where it is kind's default: another text is another cluster.
            ...(kubeProxyMode !== "iptables" && { kubeProxyMode }),
        },
        nodes: cluster.nodes.map(({ role }) => ({ role })),
        kubeadmConfigPatches: [stringify(ETCD)],
    });
}

/**
 * etcd does not wait for the disk with every write: on a shared disk that is most of a cluster's start. What was written
 * outlives the node's container all the same; it is lost only when this machine itself goes down hard.
 */
const ETCD = {
    kind: "ClusterConfiguration",
    // Without the version that kind writes, the patch would be applied to others, where the arguments are a list.
    apiVersion: "kubeadm.k8s.io/v1beta3",
    etcd: { local: { extraArgs: { "unsafe-no-fsync": "true" } } },
};
