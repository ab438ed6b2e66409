/** A pod, as far as these tests look at it. */
export interface Pod {
    namespace: string;
    name: string;
    uid: string;
    node: string;
    image: string;
    labels: Record<string, string>;
    annotations: Record<string, string>;
    /** Of all its containers together. */
    restarts: number;
    running: boolean;
    ready: boolean;
    terminating: boolean;
    /** Its IPv4 address on each interface. */
    addresses: Record<string, string>;
}

/** A pod as the API gives it. */
export interface ApiPod {
    metadata: {
        namespace: string;
        name: string;
        uid: string;
        labels?: Record<string, string>;
        annotations?: Record<string, string>;
        deletionTimestamp?: string;
    };
    spec: { nodeName?: string; containers: { image: string }[] };
    status: {
        phase: string;
        podIP?: string;
        conditions?: { type: string; status: string }[];
        containerStatuses?: { restartCount: number }[];
    };
}

const STATUS = "k8s.v1.cni.cncf.io/network-status";

export function podOf({ metadata, spec, status }: ApiPod): Pod {
    const { namespace, name, uid, labels = {}, annotations = {}, deletionTimestamp } = metadata;
    const attached = JSON.parse(annotations[STATUS] ?? "[]") as {
        interface?: string;
        ips?: string[];
    }[];
    return {
        namespace,
        name,
        uid,
        labels,
        annotations,
        node: spec.nodeName ?? "",
        image: spec.containers[0]!.image,
        restarts: (status.containerStatuses ?? []).reduce((sum, one) => sum + one.restartCount, 0),
        running: status.phase === "Running",
        ready: (status.conditions ?? []).some(
            (one) => one.type === "Ready" && one.status === "True",
        ),
        terminating: deletionTimestamp !== undefined,
        addresses: Object.fromEntries([
            ...(status.podIP === undefined ? [] : [["eth0", status.podIP]]),
            ...attached.flatMap(({ interface: device, ips = [] }) =>
                device !== undefined && ips[0] !== undefined ? [[device, ips[0]]] : [],
            ),
        ]) as Record<string, string>,
    };
}
