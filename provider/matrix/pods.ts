import type { KubeApi } from "../kube/api.ts";
import { LABELS } from "../../plan/labels.ts";
import { PRIMARY } from "../../plan/names.ts";
import { DEMOS, unfinished } from "./demoRollout.ts";

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
        ownerReferences?: { kind: string; name: string }[];
    };
    spec: { nodeName?: string };
    status: { phase: string; podIP?: string };
}

const STATUS_ANNOTATION = "k8s.v1.cni.cncf.io/network-status";

/**
 * The running demo pods of a cluster, by `cluster/demo`, without those that are about to be replaced. Throws if its API
 * does not answer in time.
 */
export async function demoPods(
    api: KubeApi,
    cluster: string,
    namespace: string,
): Promise<Map<string, Pod>> {
    const [found, changing] = await Promise.all([
        api.get<{ items: ApiPod[] }>(`/api/v1/namespaces/${namespace}/pods?${DEMOS}`),
        unfinished(api, namespace),
    ]);
    const pods = (found?.items ?? []).filter(
        ({ metadata: { labels } }) => !changing.includes(labels?.[LABELS.demo] ?? ""),
    );
    return runningPods(cluster, pods);
}

export function runningPods(cluster: string, pods: ApiPod[]): Map<string, Pod> {
    const running = pods.filter(
        (pod) => pod.status.phase === "Running" && !pod.metadata.deletionTimestamp && isOfDemo(pod),
    );
    return new Map(
        running.map((pod) => [
            `${cluster}/${pod.metadata.labels?.[LABELS.demo] ?? ""}`,
            {
                name: pod.metadata.name,
                cluster,
                node: pod.spec.nodeName ?? "",
                addresses: addressesOf(pod),
            },
        ]),
    );
}

/** Anybody may put our labels on a pod; only a demo Deployment's ReplicaSet is its owner. */
function isOfDemo({ metadata: { labels = {}, ownerReferences = [] } }: ApiPod): boolean {
    const replicaSet = `${labels[LABELS.demo]}-${labels["pod-template-hash"]}`;
    return ownerReferences.some(({ kind, name }) => kind === "ReplicaSet" && name === replicaSet);
}

interface NetworkStatus {
    name: string;
    ips?: string[];
    default?: boolean;
}

/** Multus reports what it attached as `namespace/name`, and marks the pod's first network, which is not one of ours. */
function addressesOf({ metadata: { annotations }, status: { podIP } }: ApiPod) {
    const addresses: Record<string, string> = podIP === undefined ? {} : { [PRIMARY]: podIP };
    for (const { name, ips, default: first } of statusOf(annotations?.[STATUS_ANNOTATION])) {
        const address = ips?.find((ip) => ip.includes("."));
        if (address !== undefined) {
            addresses[first ? PRIMARY : name.slice(name.indexOf("/") + 1)] = address;
        }
    }
    return addresses;
}

/** An annotation that says nothing sensible says nothing: then the pod has no address, and the matrix shows it. */
function statusOf(annotation = "[]"): NetworkStatus[] {
    try {
        const status: unknown = JSON.parse(annotation);
        return Array.isArray(status) ? status.filter(isNetworkStatus) : [];
    } catch {
        return [];
    }
}

function isNetworkStatus(value: unknown): value is NetworkStatus {
    const { name, ips } = (value ?? {}) as Partial<Record<keyof NetworkStatus, unknown>>;
    const strings = Array.isArray(ips) && ips.every((ip) => typeof ip === "string");
    return typeof name === "string" && (ips === undefined || strings);
}
