import {
    ARCHITECTURES,
    targetName,
    type Architecture,
    type Target,
    type TargetName,
} from "./targets.ts";
import { versions, type PluginName } from "./versions.ts";

/** A file that its publisher offers for download: pinned here, or checked by what the publisher says of it. */
export type Download = PinnedDownload | ListedDownload;

/** Whoever serves it can be trusted, as only this very file is taken. */
export interface PinnedDownload {
    url: string;
    /** What the file must hash to (SHA-256, hexadecimal). */
    sha256: string;
    /** The publisher's list, which is part of the recipe since before the pin; it is not asked for. */
    checksums?: string;
}

/** Protected against damage on its way, not against a changed release. */
export interface ListedDownload {
    url: string;
    sha256?: never;
    /** The publisher's list of checksums for the same release. */
    checksums: string;
    /** The list has SHA-1 sums only; of all others, only SHA-256 sums are taken. */
    sha1Only?: boolean;
}

/** What makes a download this one and no other, for a recipe: a pin that is added checks the same file. */
export function downloadRecipe({ url, sha256, checksums }: Download): string {
    return JSON.stringify(checksums ? { url, checksums } : { url, sha256 });
}

type Pins<Key extends string> = Record<Key, string>;

/** SHA-256 sums of what is pinned: the file of this version for each kind of machine. */
const PINS = {
    kind: {
        "linux-x64": "517ab7fc89ddeed5fa65abf71530d90648d9638ef0c4cde22c2c11f8097b8889",
        "linux-arm64": "7ea2de9d2d190022ed4a8a4e3ac0636c8a455e460b9a13ccf19f15d07f4f00eb",
        "darwin-x64": "4f0b6e3b88bdc66d922c08469f05ef507d4903dd236e6319199bb9c868eed274",
        "darwin-arm64": "ceaf40df1d1551c481fb50e3deb5c3deecad5fd599df5469626b70ddf52a1518",
    } satisfies Pins<TargetName>,
    kubectl: {
        "linux-x64": "d50c359d95e0841eaad08ddc27c7be37cba8fdccfba5c8e2ded65e121ff112db",
        "linux-arm64": "5b982c0644ab1e27780246b9085a5886651b4a7ed86243acbb2bacc1bea01dda",
        "darwin-x64": "9861e775578651d903a779f840ff8e4c0013ae29a1ffc67f05d967262fcf734c",
        "darwin-arm64": "d9b239414a5fdf624835bfb62eef28a0885f1645d579f98056a9ab3293f51f87",
    } satisfies Pins<TargetName>,
    kubernetesPlugin: {
        "linux-x64": "6ea3d53c16a00c4d1017c4d109928d8f4801fd7cd978965cd43917561f3774b0",
        "linux-arm64": "e4260240ed14bff6ed1a5a25a362311380ea1c072544fc262532b8197ea0725c",
        "darwin-x64": "e5dffbef3525bb6f41c2b328afb471149c7396c263d2acd2ef2fab51d63d47f3",
        "darwin-arm64": "566425b7767be7184d59c7ea151812c98426d7dab85f93c9c676c1dc9d488d91",
    } satisfies Pins<TargetName>,
    cniPlugins: {
        x64: "b98f74a0f8522f0a83867178729c1aa70f2158f90c45a2ca8fa791db1c76b303",
        arm64: "56171987d3947707c3563db2f4001bccaf50fd63468611b9f3cbecb1375ee7ec",
    } satisfies Pins<Architecture>,
};

const GITHUB = "https://github.com";

/** Every file that is downloaded for a kind of machine; where the publisher's list stands alone, no pin is known. */
export function downloads(target: Target) {
    const { os, arch } = target;
    const name = targetName(target);
    const goArch = ARCHITECTURES[arch];
    const pulumi = `${GITHUB}/pulumi/pulumi/releases/download/${versions.pulumi}`;
    return {
        kind: {
            url: `${GITHUB}/kubernetes-sigs/kind/releases/download/${versions.kind}/kind-${os}-${goArch}`,
            sha256: PINS.kind[name],
        },
        kubectl: {
            url: `https://dl.k8s.io/release/${versions.kubernetes}/bin/${os}/${goArch}/kubectl`,
            sha256: PINS.kubectl[name],
        },
        pulumi: {
            url: `${pulumi}/pulumi-${versions.pulumi}-${name}.tar.gz`,
            checksums: `${pulumi}/pulumi-${versions.pulumi.slice(1)}-checksums.txt`,
        },
        plugins: {
            kubernetes: {
                ...plugin("kubernetes", os, goArch),
                sha256: PINS.kubernetesPlugin[name],
            },
            docker: { ...plugin("docker", os, goArch), sha1Only: true },
            command: plugin("command", os, goArch),
        } satisfies Record<PluginName, Download>,
    };
}

/** The CNI project's plugins run in nodes: the architecture is the container engine's, not that of the command line. */
export function cniPluginsDownload(engine: Architecture) {
    const release = `${GITHUB}/containernetworking/plugins/releases/download/${versions.cniPlugins}`;
    const url = `${release}/cni-plugins-linux-${ARCHITECTURES[engine]}-${versions.cniPlugins}.tgz`;
    return { url, sha256: PINS.cniPlugins[engine], checksums: `${url}.sha256` };
}

function plugin(name: PluginName, os: string, goArch: string) {
    const version = versions.plugins[name];
    const release = `${GITHUB}/pulumi/pulumi-${name}/releases/download/v${version}`;
    return {
        url: `${release}/pulumi-resource-${name}-v${version}-${os}-${goArch}.tar.gz`,
        checksums: `${release}/pulumi-${name}_${version}_checksums.txt`,
    };
}
