/** A file that its publisher offers for download. */
export interface Download {
    url: string;
    /** What the file must hash to (SHA-256, hexadecimal). */
    sha256?: string;
    /**
     * The publisher's own list of checksums for the same release, used where no hash is pinned here. It protects against
     * a damaged download, not against a changed release.
     */
    checksums?: string;
    /** The list has SHA-1 sums only; of all others, only SHA-256 sums are taken. */
    sha1Only?: boolean;
}

/** What makes a download this one and no other, for a recipe: a pin that is added checks the same file. */
export function downloadRecipe({ url, sha256, checksums }: Download): string {
    return JSON.stringify(checksums ? { url, checksums } : { url, sha256 });
}

/** The one table of what multinet installs, builds and downloads. */
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

const CNI_PLUGINS_ARCHIVE = `https://github.com/containernetworking/plugins/releases/download/${versions.cniPlugins}/cni-plugins-linux-amd64-${versions.cniPlugins}.tgz`;

/**
 * Official downloads for Linux on amd64. kind, kubectl and the CNI plugins are pinned; Pulumi and its provider plugins
 * are checked against their publisher's lists only.
 */
export const downloads = {
    kind: {
        url: `https://github.com/kubernetes-sigs/kind/releases/download/${versions.kind}/kind-linux-amd64`,
        sha256: "517ab7fc89ddeed5fa65abf71530d90648d9638ef0c4cde22c2c11f8097b8889",
    },
    kubectl: {
        url: `https://dl.k8s.io/release/${versions.kubernetes}/bin/linux/amd64/kubectl`,
        sha256: "d50c359d95e0841eaad08ddc27c7be37cba8fdccfba5c8e2ded65e121ff112db",
    },
    pulumi: {
        url: `https://github.com/pulumi/pulumi/releases/download/${versions.pulumi}/pulumi-${versions.pulumi}-linux-x64.tar.gz`,
        checksums: `https://github.com/pulumi/pulumi/releases/download/${versions.pulumi}/pulumi-${versions.pulumi.slice(1)}-checksums.txt`,
    },
    cniPlugins: {
        url: CNI_PLUGINS_ARCHIVE,
        sha256: "b98f74a0f8522f0a83867178729c1aa70f2158f90c45a2ca8fa791db1c76b303",
        checksums: `${CNI_PLUGINS_ARCHIVE}.sha256`,
    },
} satisfies Record<string, Download>;

export function pluginDownload(name: PluginName): Download {
    const version = versions.plugins[name];
    const release = `https://github.com/pulumi/pulumi-${name}/releases/download/v${version}`;
    return {
        url: `${release}/pulumi-resource-${name}-v${version}-linux-amd64.tar.gz`,
        checksums: `${release}/pulumi-${name}_${version}_checksums.txt`,
        ...(name === "docker" && { sha1Only: true }),
    };
}
