import { gzipSync } from "node:zlib";
import { ApiRefusal } from "../kube/api.ts";
import type { KubeApi } from "../kube/api.ts";
import { keyOf, revisions, secretName, SECRET_TYPE } from "./release.ts";
import type { Content, ReleaseName, Revision } from "./release.ts";

/**
 * Makes a failed revision of a release's newest one, or of nothing if it has none. From a failed one Helm goes on in any
 * case: an upgrade starts from it, and an install may replace it and adopts the objects, which bear the release's name.
 * From one that is unfinished, unreadable or missing, an upgrade refuses to start.
 */
export async function markFailed(
    api: KubeApi,
    release: ReleaseName,
    newest: Revision | undefined,
): Promise<void> {
    if (newest) {
        const content = newest.content ?? emptyContent(release, newest.version);
        await api.patch(`${secretsOf(release)}/${newest.secret}`, record(content));
        return;
    }
    const all = (await revisions(api, [release], { all: true })).get(keyOf(release)) ?? [];
    const version = Math.max(0, ...all.map(({ version }) => version)) + 1;
    await post(api, release, {
        apiVersion: "v1",
        kind: "Secret",
        type: SECRET_TYPE,
        ...record(emptyContent(release, version), {
            name: secretName(release.name, version),
            labels: { owner: "helm", name: release.name, version: String(version) },
        }),
    });
}

/** The namespace may be gone as well, and an upgrade does not make one. */
async function post(api: KubeApi, release: ReleaseName, secret: object): Promise<void> {
    try {
        await api.post(secretsOf(release), secret);
    } catch (error) {
        if (!(error instanceof ApiRefusal && error.status === 404)) {
            throw error;
        }
        const metadata = { name: release.namespace };
        await api.post("/api/v1/namespaces", { apiVersion: "v1", kind: "Namespace", metadata });
        await api.post(secretsOf(release), secret);
    }
}

function secretsOf({ namespace }: ReleaseName): string {
    return `/api/v1/namespaces/${namespace}/secrets`;
}

/** The part of a Secret that says what a revision is: failed. */
function record(content: Content, metadata: { name?: string; labels?: object } = {}): object {
    const status = "failed";
    const failed = { ...content, info: { ...content.info, status } };
    const packed = gzipSync(JSON.stringify(failed)).toString("base64");
    return {
        metadata: { ...metadata, labels: { ...metadata.labels, status } },
        data: { release: Buffer.from(packed).toString("base64") },
    };
}

/** The least that Helm reads. */
function emptyContent({ namespace, name }: ReleaseName, version: number): Content {
    const now = new Date().toISOString();
    return {
        name,
        namespace,
        version,
        info: {
            first_deployed: now,
            last_deployed: now,
            deleted: "",
            description: "Its record was lost",
        },
        chart: { metadata: { apiVersion: "v2", name, version: "0.0.0" } },
        config: { repair: "0" },
        manifest: "",
    };
}
