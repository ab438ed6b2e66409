import type { KubeApi } from "../kube/api.ts";
import { PRIMARY } from "./inputs.ts";
import { unfinished } from "./rollout.ts";

/** A running demo pod. */
export interface Pod {
    name: string;
    /** The logical name of its cluster. */
    cluster: string;
    node: string;
    /** Its IPv4 address on each network. */
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
    status: { phase: string; podIP?: string };
}

const STATUS_ANNOTATION = "k8s.v1.cni.cncf.io/network-status";
const DEMO_LABEL = "multinet.dev/demo";

/**
 * The running demo pods of a cluster, by `cluster/demo`, without those that are about to be replaced. Throws if its API
 * does not answer in time.
 */
export async function demoPods(
    api: KubeApi,
    cluster: string,
    namespace: string,
): Promise<Map<string, Pod>> {
    const selector = encodeURIComponent("app.kubernetes.io/name=demo");
    const [found, changing] = await Promise.all([
        api.get<{ items: ApiPod[] }>(
            `/api/v1/namespaces/${namespace}/pods?labelSelector=${selector}`,
        ),
        unfinished(api, namespace),
    ]);
    const pods = (found?.items ?? []).filter(
        ({ metadata: { labels } }) => !changing.includes(labels?.[DEMO_LABEL] ?? ""),
    );
    return runningPods(cluster, pods);
}

export function runningPods(cluster: string, pods: ApiPod[]): Map<string, Pod> {
    const running = pods.filter(
        ({ metadata, status }) => status.phase === "Running" && !metadata.deletionTimestamp,
    );
    return new Map(
        running.map((pod) => [
            `${cluster}/${pod.metadata.labels?.[DEMO_LABEL] ?? ""}`,
            {
                name: pod.metadata.name,
                cluster,
                node: pod.spec.nodeName ?? "",
                addresses: addressesOf(pod),
            },
        ]),
    );
}

/** Multus reports what it attached as `namespace/name`, and marks the pod's first network, which is not one of ours. */
function addressesOf({ metadata: { annotations }, status: { podIP } }: ApiPod) {
    const status = annotations?.[STATUS_ANNOTATION] ?? "[]";
    const networks = JSON.parse(status) as { name: string; ips?: string[]; default?: boolean }[];
    const addresses: Record<string, string> = podIP === undefined ? {} : { [PRIMARY]: podIP };
    for (const { name, ips, default: first } of networks) {
        const address = ips?.find((ip) => ip.includes("."));
        if (address !== undefined) {
            addresses[first ? PRIMARY : name.slice(name.indexOf("/") + 1)] = address;
        }
    }
    return addresses;
}
