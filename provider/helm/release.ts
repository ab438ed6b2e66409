import { gunzipSync } from "node:zlib";
import type { KubeApi } from "../kube/api.ts";

/** What Helm calls a release; the name alone is not unique in a cluster. */
export type ReleaseName = { namespace: string; name: string };

/** What Helm writes down of a revision, as far as it is needed here; all else is kept as it is. */
export interface Content {
    /** The values it was installed with. */
    config?: Record<string, unknown> | null;
    /** All its objects, as YAML documents. */
    manifest: string;
    info?: { status?: string; [key: string]: unknown };
    [key: string]: unknown;
}

/** One revision of a Helm release, as Helm keeps it in a Secret. */
export interface Revision extends ReleaseName {
    /** Name of the Secret that holds it. */
    secret: string;
    version: number;
    /** `deployed`, `failed`, `pending-install`, `pending-upgrade`, ... */
    status: string;
    content?: Content;
    /** Why there is no content. */
    unreadable?: string;
}

interface ReleaseSecret {
    metadata: { name: string; namespace: string; labels?: Record<string, string> };
    data?: { release?: string };
}

/** The type of the Secrets in which Helm keeps revisions. */
export const SECRET_TYPE = "helm.sh/release.v1";

export function secretName(name: string, version: number): string {
    return `sh.helm.release.v1.${name}.v${version}`;
}

/**
 * The revisions of these releases, by `NAMESPACE/NAME`; without those that a later one superseded, unless all are asked
 * for. No other release's are looked at.
 */
export async function revisions(
    api: KubeApi,
    releases: ReleaseName[],
    { all = false } = {},
): Promise<Map<string, Revision[]>> {
    const labels = encodeURIComponent(`owner=helm${all ? "" : ",status!=superseded"}`);
    const fields = encodeURIComponent(`type=${SECRET_TYPE}`);
    const found = await api.get<{ items: ReleaseSecret[] }>(
        `/api/v1/secrets?fieldSelector=${fields}&labelSelector=${labels}`,
    );
    const wanted = new Map(releases.map((release) => [keyOf(release), [] as Revision[]]));
    for (const secret of found?.items ?? []) {
        const { namespace, name, labels = {} } = secret.metadata;
        const release = { namespace, name: labels["name"] ?? "" };
        if (name === secretName(release.name, Number(labels["version"]))) {
            wanted.get(keyOf(release))?.push(revisionOf(secret));
        }
    }
    return wanted;
}

export function keyOf({ namespace, name }: ReleaseName): string {
    return `${namespace}/${name}`;
}

export function revisionOf({ metadata, data }: ReleaseSecret): Revision {
    const { labels = {} } = metadata;
    return {
        secret: metadata.name,
        name: labels["name"] ?? "",
        namespace: metadata.namespace,
        version: Number(labels["version"]),
        status: labels["status"] ?? "unknown",
        ...unpacked(data?.release ?? ""),
    };
}

/** Helm stores gzipped JSON (plain JSON in its youth) as base64, and Kubernetes base64-encodes it once more. */
function unpacked(data: string): Pick<Revision, "content" | "unreadable"> {
    try {
        const packed = Buffer.from(Buffer.from(data, "base64").toString(), "base64");
        const isGzip = packed[0] === 0x1f && packed[1] === 0x8b;
        const content = JSON.parse((isGzip ? gunzipSync(packed) : packed).toString()) as unknown;
        const { manifest } = (content ?? {}) as Partial<Content>;
        return typeof manifest === "string"
            ? { content: content as Content }
            : { unreadable: "it holds no release" };
    } catch {
        return { unreadable: "it is damaged" }; // the error itself would quote what may be secret
    }
}

/** What counts of one release. */
export interface Standing {
    /** The revision that is installed. */
    deployed?: Revision;
    newest?: Revision;
    /** Why neither an install nor an upgrade can start from the newest one. */
    unusable?: string;
}

export function standingOf(all: Revision[]): Standing {
    const sorted = all.toSorted((a, b) => b.version - a.version);
    const newest = sorted[0];
    const deployed = sorted.find(({ status, content }) => status === "deployed" && content);
    const unusable = newest && faultOf(newest);
    return {
        ...(deployed && { deployed }),
        ...(newest && { newest }),
        ...(unusable !== undefined && { unusable }),
    };
}

function faultOf({ version, status, secret, unreadable }: Revision): string | undefined {
    if (unreadable !== undefined) {
        return `revision ${version} cannot be read (Secret ${secret}): ${unreadable}`;
    }
    const usable = status === "deployed" || status === "failed";
    return usable ? undefined : `revision ${version} left ${status}`;
}
