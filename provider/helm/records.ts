import type { KubeApi } from "../kube/api.ts";
import { SECRET_TYPE } from "./release.ts";
import type { ReleaseName } from "./release.ts";

interface RecordList {
    items: { metadata: { name: string; labels: Record<string, string> }; type: string }[];
}

/**
 * Deletes what Helm has recorded about one release, all of it or the revisions of some status, and returns the status of
 * each that it deleted. The release's objects stay, and are adopted by an installation of that name.
 */
export async function forgetRecord(
    api: Pick<KubeApi, "get" | "delete">,
    { namespace, name }: ReleaseName,
    isObsolete: (status: string) => boolean = () => true,
): Promise<string[]> {
    const secrets = `/api/v1/namespaces/${namespace}/secrets`;
    const selector = encodeURIComponent(`owner=helm,name=${name}`);
    const found = await api.get<RecordList>(`${secrets}?labelSelector=${selector}`);
    const obsolete = (found?.items ?? [])
        .filter(({ type }) => type === SECRET_TYPE)
        .map(({ metadata }) => ({ secret: metadata.name, status: metadata.labels["status"] ?? "" }))
        .filter(({ status }) => isObsolete(status));
    for (const { secret } of obsolete) {
        await api.delete(`${secrets}/${secret}`);
    }
    return obsolete.map(({ status }) => status);
}
