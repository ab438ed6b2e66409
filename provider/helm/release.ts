import { gunzipSync } from "node:zlib";
import type { KubeApi } from "../kube/api.ts";

/** One revision of a Helm release, as Helm keeps it in a Secret. */
export interface Revision {
    /** Name of the Secret that holds it. */
    secret: string;
    name: string;
    namespace: string;
    version: number;
    /** `deployed`, `failed`, `pending-install`, `pending-upgrade`, ... */
    status: string;
    /** The values it was installed with. */
    values: Record<string, unknown>;
    /** All its objects, as YAML documents. */
    manifest: string;
}

interface ReleaseSecret {
    metadata: { name: string; namespace: string; labels: Record<string, string> };
    data: { release: string };
}

/** The revisions of all releases in the cluster, without those that a later one superseded. */
export async function revisions(api: KubeApi): Promise<Revision[]> {
    const selector = encodeURIComponent("owner=helm,status!=superseded");
    const found = await api.get<{ items: ReleaseSecret[] }>(
        `/api/v1/secrets?labelSelector=${selector}`,
    );
    return (found?.items ?? []).map(revisionOf);
}

/** Helm stores gzipped JSON as base64, and Kubernetes base64-encodes it once more. */
export function revisionOf({ metadata, data }: ReleaseSecret): Revision {
    const packed = Buffer.from(Buffer.from(data.release, "base64").toString(), "base64");
    const release = JSON.parse(gunzipSync(packed).toString()) as {
        name: string;
        version: number;
        config?: Record<string, unknown>;
        manifest: string;
    };
    return {
        secret: metadata.name,
        name: release.name,
        namespace: metadata.namespace,
        version: release.version,
        status: metadata.labels["status"] ?? "unknown",
        values: release.config ?? {},
        manifest: release.manifest,
    };
}

/** What counts of one release: the revision that is installed, and one that a killed Helm left unfinished. */
export interface Standing {
    deployed?: Revision;
    pending?: Revision;
}

/** The standing of each release by name. A pending revision counts only while it is the newest: it blocks upgrades. */
export function standings(all: Revision[]): Map<string, Standing> {
    const result = new Map<string, Standing>();
    for (const revision of all.toSorted((a, b) => a.version - b.version)) {
        const deployed =
            revision.status === "deployed" ? revision : result.get(revision.name)?.deployed;
        const pending = revision.status.startsWith("pending-");
        result.set(revision.name, {
            ...(deployed && { deployed }),
            ...(pending && { pending: revision }),
        });
    }
    return result;
}
