/** The one table of what multinet installs, builds and downloads (from where, and its checksums: `downloads.ts`). */
export const versions = {
    kind: "v0.30.0",
    /** What is built and downloaded alone; kind publishes node images of some patches only. */
    kubernetes: "v1.34.4",
    nodeImage: {
        tag: "v1.34.0",
        digest: "sha256:7416a61b42b1662ca6ca89f02028ac133a309a2a30ba309614e8ec94d976dc5a",
    },
    toolbox: {
        tag: "v0.14",
        digest: "sha256:7f08c4aff13ff61a35d30e30c5c1ea8396eac6ab4ce19fd02d5a4b3b5d0d09a2",
    },
    pulumi: "v3.250.0",
    plugins: { kubernetes: "4.25.0", docker: "5.2.0", command: "1.2.1" },
    etcd: "v3.6.5",
    coredns: "v1.12.1",
    pause: "3.10.1",
    containerd: "v2.2.9",
    cniPlugins: "v1.9.1",
    multus: "v4.2.4",
    calico: "v3.31.0",
    /** The release that belongs to this one of Calico. */
    tigeraOperator: "v1.40.0",
    cilium: "v1.18.6",
    /**
     * Go releases to build with where the machine's own will not do. A library of Calico's reads memory of structures as
     * Go laid them out until 1.25: built with 1.26, Typha eats all memory. The operator's API asks for at least this one.
     */
    go: { calico: "go1.24.9", tigeraOperator: "go1.25.7" },
    debian: "bookworm",
} as const;

export type PluginName = keyof typeof versions.plugins;
