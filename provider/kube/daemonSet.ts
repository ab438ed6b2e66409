import type { KubeApi } from "./api.ts";

/** Which DaemonSet. */
export interface Where {
    namespace: string;
    daemonSet: string;
}

interface DaemonSet {
    metadata: { generation?: number };
    spec: { selector: { matchLabels: Record<string, string> } };
    status?: {
        observedGeneration?: number;
        desiredNumberScheduled?: number;
        updatedNumberScheduled?: number;
        numberReady?: number;
    };
}

interface Pod {
    metadata: { name: string };
    spec: { nodeName?: string };
    status: {
        conditions?: { type: string; status: string }[];
        containerStatuses?: { state?: { waiting?: { reason?: string; message?: string } } }[];
    };
}

interface Event {
    message?: string;
    lastTimestamp?: string | null;
    type?: string;
}

/** On how many of its nodes the newest revision is ready; on none of none before the cluster has looked at it. */
export async function progressOf(
    api: KubeApi,
    where: Where,
): Promise<{ ready: number; nodes: number }> {
    const found = await daemonSet(api, where);
    const { generation = 0 } = found?.metadata ?? {};
    const {
        observedGeneration = 0,
        desiredNumberScheduled = 0,
        updatedNumberScheduled = 0,
        numberReady = 0,
    } = found?.status ?? {};
    if (observedGeneration < generation) {
        return { ready: 0, nodes: 0 };
    }
    // Both count a node by its oldest pod, which in a surge is the one that goes when the new one is ready.
    const ready = Math.min(updatedNumberScheduled, numberReady);
    return { ready, nodes: desiredNumberScheduled };
}

/** Why its pods are not ready, one line for each: what they wait for, else what Kubernetes last warned of. */
export async function causes(api: KubeApi, where: Where): Promise<string[]> {
    const found = await daemonSet(api, where);
    if (!found) {
        return [`there is no DaemonSet ${where.namespace}/${where.daemonSet}`];
    }
    const labels = Object.entries(found.spec.selector.matchLabels);
    const selector = encodeURIComponent(labels.map((pair) => pair.join("=")).join(","));
    const pods = await api.get<{ items: Pod[] }>(
        `/api/v1/namespaces/${where.namespace}/pods?labelSelector=${selector}`,
    );
    const unready = (pods?.items ?? []).filter((pod) => !isReady(pod));
    return Promise.all(
        unready.map(async (pod) => {
            const cause = waiting(pod) ?? (await lastWarning(api, where.namespace, pod));
            return `${pod.spec.nodeName ?? pod.metadata.name}: ${cause ?? "is not ready"}`;
        }),
    );
}

function daemonSet(api: KubeApi, { namespace, daemonSet }: Where) {
    return api.get<DaemonSet>(`/apis/apps/v1/namespaces/${namespace}/daemonsets/${daemonSet}`);
}

function isReady({ status }: Pod): boolean {
    return (status.conditions ?? []).some((one) => one.type === "Ready" && one.status === "True");
}

function waiting({ status: { containerStatuses = [] } }: Pod): string | undefined {
    const [{ state } = {}] = containerStatuses;
    const { reason, message } = state?.waiting ?? {};
    // Without a message it says no more than that it waits; the events know for what.
    return message && `${reason}: ${message}`;
}

async function lastWarning(
    api: KubeApi,
    namespace: string,
    { metadata: { name } }: Pod,
): Promise<string | undefined> {
    const selector = encodeURIComponent(`involvedObject.name=${name},type=Warning`);
    const found = await api.get<{ items: Event[] }>(
        `/api/v1/namespaces/${namespace}/events?fieldSelector=${selector}`,
    );
    const time = ({ lastTimestamp }: Event) => lastTimestamp ?? "";
    return found?.items
        .sort((a, b) => time(a).localeCompare(time(b)))
        .at(-1)
        ?.message?.trim();
}
