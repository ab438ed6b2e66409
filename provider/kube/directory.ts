import type { KubeApi } from "./api.ts";

interface Group {
    resources: { name: string; kind: string; namespaced: boolean }[];
}

/** What is needed of an object to find it. */
export interface Reference {
    apiVersion: string;
    kind: string;
    metadata: { name: string; namespace?: string };
}

/** Knows under which path the API keeps an object of a kind; asks once per group. */
export class Directory {
    private readonly api: KubeApi;
    private readonly groups = new Map<string, Promise<Group | undefined>>();

    constructor(api: KubeApi) {
        this.api = api;
    }

    /** Where an object lives; undefined if the cluster does not know its kind. */
    async locate(
        { apiVersion, kind, metadata }: Reference,
        defaultNamespace: string,
    ): Promise<{ path: string; namespace?: string } | undefined> {
        const base = `/${apiVersion.includes("/") ? "apis" : "api"}/${apiVersion}`;
        const group = this.groups.get(base) ?? this.api.get<Group>(base);
        this.groups.set(base, group);
        const found = (await group)?.resources.find(
            (resource) => resource.kind === kind && !resource.name.includes("/"),
        );
        if (!found) {
            return undefined;
        }
        const name = encodeURIComponent(metadata.name);
        if (!found.namespaced) {
            return { path: `${base}/${found.name}/${name}` };
        }
        const namespace = metadata.namespace ?? defaultNamespace;
        return { path: `${base}/namespaces/${namespace}/${found.name}/${name}`, namespace };
    }
}
