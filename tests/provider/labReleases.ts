import { gunzipSync, gzipSync } from "node:zlib";
import { releaseInventory } from "../../provider/releaseInventory.ts";
import type { InventoryInputs } from "../../provider/releaseInventory.ts";
import type { FakeApi } from "./fakes/api.ts";
import { FakeCluster } from "./fakes/cluster.ts";

export const MANIFEST = `---
apiVersion: apps/v1
kind: DaemonSet
metadata: {name: multus}
spec: {size: 1}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: multus}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: settings, namespace: other}
data: {a: b}
`;

export const DAEMON_SET = "/apis/apps/v1/namespaces/kube-system/daemonsets/multus";
export const ROLE = "/apis/rbac.authorization.k8s.io/v1/clusterroles/multus";
export const SECRETS = "/api/v1/namespaces/kube-system/secrets";
export const SETTINGS = "/api/v1/namespaces/other/configmaps/settings";

/** Gives each test of a `describe` a cluster with the objects of MANIFEST and of an empty release, both deployed. */
export function labReleases(): LabReleases {
    const lab = new LabReleases();
    beforeEach(() => lab.make());
    afterEach(() => {
        lab.cluster.stop();
    });
    return lab;
}

class LabReleases {
    readonly inventory = releaseInventory(20);
    cluster!: FakeCluster;
    inputs!: InventoryInputs;

    get api(): FakeApi {
        return this.cluster.api;
    }

    async make(): Promise<void> {
        this.cluster = await FakeCluster.start();
        this.inputs = {
            ...this.cluster.access,
            nodeAddresses: { n: "10.0.0.2" },
            releases: ["multus", "attachment"].map((name) => ({ namespace: "kube-system", name })),
        };
        this.release("multus", 1, "deployed");
        this.release("attachment", 1, "deployed", { repair: "0" }, "");
        this.api.put(DAEMON_SET, {
            kind: "DaemonSet",
            apiVersion: "apps/v1",
            metadata: { name: "multus" },
            spec: { size: 1, more: 2 },
        });
        this.api.put(ROLE, {
            kind: "ClusterRole",
            apiVersion: "rbac.authorization.k8s.io/v1",
            metadata: { name: "multus" },
        });
        this.api.put(SETTINGS, {
            kind: "ConfigMap",
            apiVersion: "v1",
            metadata: { name: "settings" },
            data: { a: "b" },
        });
    }

    release(
        name: string,
        version: number,
        status: string,
        config: object = { repair: "0" },
        manifest = MANIFEST,
        namespace = "kube-system",
    ): void {
        const content = { name, namespace, version, config, manifest, info: { status } };
        const packed = gzipSync(JSON.stringify(content)).toString("base64");
        this.putSecret(name, version, status, packed, namespace);
    }

    putSecret(
        release: string,
        version: number,
        status: string,
        packed: string,
        namespace = "kube-system",
    ): void {
        const name = `sh.helm.release.v1.${release}.v${version}`;
        const labels = { owner: "helm", name: release, status, version: `${version}` };
        this.api.put(`/api/v1/namespaces/${namespace}/secrets/${name}`, {
            type: "helm.sh/release.v1",
            metadata: { name, namespace, labels },
            data: { release: Buffer.from(packed).toString("base64") },
        });
    }

    /** What Helm would find: version, status by label and by content, manifest, of every revision. */
    recorded(release: string, namespace = "kube-system") {
        return [...this.api.objects]
            .filter(([path]) =>
                path.includes(`/${namespace}/secrets/sh.helm.release.v1.${release}.`),
            )
            .map(([, secret]) => {
                const { metadata, data } = secret as {
                    metadata: { labels: { version: string; status: string } };
                    data: { release: string };
                };
                const packed = Buffer.from(
                    Buffer.from(data.release, "base64").toString(),
                    "base64",
                );
                const { info, manifest } = JSON.parse(gunzipSync(packed).toString()) as {
                    info: { status: string };
                    manifest: string;
                };
                return [metadata.labels.version, metadata.labels.status, info.status, manifest];
            });
    }

    call(...args: Parameters<FakeCluster["call"]>) {
        return this.cluster.call(...args);
    }
    /** The inventory as it was recorded. */
    old(repairs: Record<string, string> = {}) {
        return { id: "inventory", inputs: this.inputs, outputs: { ...this.inputs, repairs } };
    }
    async changes(now = this.inputs) {
        return (await this.inventory.diff(this.old(), now, this.call())).changes;
    }
}
