import { kubeconfigOf } from "../kind/kubeconfigFile.ts";
import { KubeApi } from "../kube/api.ts";
import type { ApiOptions } from "../kube/api.ts";
import type { MatrixCluster } from "./inputs.ts";

/** A running demo pod. */
export interface Pod {
    name: string;
    /** The logical name of its cluster. */
    cluster: string;
    node: string;
    /** Its IPv4 address on each extra network. */
    addresses: Record<string, string>;
}

/** A pod as the API gives it. */
export interface ApiPod {
    metadata: {
        name: string;
        labels?: Record<string, string>;
        annotations?: Record<string, string>;
        deletionTimestamp?: string;
    };
    spec: { nodeName?: string };
    status: { phase: string };
}

const STATUS_ANNOTATION = "k8s.v1.cni.cncf.io/network-status";
const DEMO_LABEL = "multinet.dev/demo";

/** The running demo pods of a cluster, by `cluster/demo`. Throws if its API does not answer in time. */
export async function demoPods(
    cluster: MatrixCluster,
    namespace: string,
    options: ApiOptions,
): Promise<Map<string, Pod>> {
    const kubeconfig = await kubeconfigOf(cluster);
    if (kubeconfig === undefined) {
        throw new Error(
            `${cluster.kubeconfigPath} is not the kubeconfig of cluster ${cluster.name} (any more); ` +
                "`pulumi up` writes it again",
        );
    }
    const selector = encodeURIComponent("app.kubernetes.io/name=demo");
    const found = await KubeApi.using(kubeconfig, options, (api) =>
        api.get<{ items: ApiPod[] }>(
            `/api/v1/namespaces/${namespace}/pods?labelSelector=${selector}`,
        ),
    );
    return runningPods(cluster.name, found?.items ?? []);
}

export function runningPods(cluster: string, pods: ApiPod[]): Map<string, Pod> {
    const running = pods.filter(
        ({ metadata, status }) => status.phase === "Running" && !metadata.deletionTimestamp,
    );
    return new Map(
        running.map(({ metadata: { name, labels, annotations }, spec }) => [
            `${cluster}/${labels?.[DEMO_LABEL] ?? ""}`,
            {
                name,
                cluster,
                node: spec.nodeName ?? "",
                addresses: extraAddresses(annotations?.[STATUS_ANNOTATION]),
            },
        ]),
    );
}

/** Multus reports what it attached as `namespace/name`; the pod's first network is not one of ours. */
function extraAddresses(status: string | undefined): Record<string, string> {
    if (status === undefined) {
        return {};
    }
    const networks = JSON.parse(status) as { name: string; ips?: string[]; default?: boolean }[];
    const addresses: Record<string, string> = {};
    for (const { name, ips } of networks.filter((network) => !network.default)) {
        const address = ips?.find((ip) => ip.includes("."));
        if (address !== undefined) {
            addresses[name.slice(name.indexOf("/") + 1)] = address;
        }
    }
    return addresses;
}
