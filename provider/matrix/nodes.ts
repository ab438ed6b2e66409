import type { KubeApi } from "../kube/api.ts";

/** A node as the API gives it. */
export interface ApiNode {
    metadata: { name: string };
    status?: { addresses?: { type: string; address: string }[] };
}

/** The IPv4 address that each node of a cluster has now, by name. */
export async function nodeAddresses(api: KubeApi): Promise<Record<string, string>> {
    const found = await api.get<{ items: ApiNode[] }>("/api/v1/nodes");
    return Object.fromEntries(
        (found?.items ?? []).flatMap(({ metadata, status }) => {
            const own = status?.addresses?.find(
                ({ type, address }) => type === "InternalIP" && address.includes("."),
            );
            return own ? [[metadata.name, own.address]] : [];
        }),
    );
}
