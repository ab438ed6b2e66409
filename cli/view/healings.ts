import type { KubeApi } from "../../provider/kube/api.ts";
import type { Healing } from "./model.ts";

/** The component that node agents name themselves in their Events; charts/node-agent/files/event.sh writes them. */
const AGENT = "node-routes";

/** Healings of a cluster that are shown, the newest. */
const SHOWN = 50;

interface ApiEvent {
    message?: string;
    lastTimestamp?: string | null;
    metadata: { creationTimestamp?: string };
    involvedObject: { name?: string };
    source?: { component?: string };
}

/** What the node agents of a cluster put right, the newest first. The API keeps Events for an hour. */
export async function healingsOf(api: KubeApi, cluster: string): Promise<Healing[]> {
    const selector = encodeURIComponent(`source=${AGENT}`);
    const found = await api.get<{ items: ApiEvent[] }>(
        `/api/v1/namespaces/default/events?fieldSelector=${selector}`,
    );
    return (found?.items ?? [])
        .filter(({ source }) => source?.component === AGENT)
        .map(({ message = "", lastTimestamp, metadata, involvedObject }) => ({
            at: lastTimestamp ?? metadata.creationTimestamp ?? "",
            cluster,
            node: involvedObject.name ?? "",
            by: "its node agent",
            what: message,
        }))
        .toSorted((a, b) => (a.at < b.at ? 1 : -1))
        .slice(0, SHOWN);
}
