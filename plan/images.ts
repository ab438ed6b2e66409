import { versions } from "./versions.ts";

/** Where a chart of someone else's comes from: a repository, or a folder of this machine. */
export type ForeignChart =
    { repository: string; name: string; version: string } | { folder: string };

/** An image archive to load into every node. */
export interface Archive {
    /** On this machine, absolute or from the project folder. */
    path: string;
    /** Of its content: another one is loaded again. */
    digest: string;
}

/** The images that a stack runs, each a full reference. */
export interface Images {
    /** What every kind node container runs. */
    node: string;
    multus: string;
    /** A shell with network tools: the node agent and the demo pods. */
    toolbox: string;
}

/** The charts of others that a stack installs; they name their own images. */
export type Charts = Record<ChartName, ForeignChart>;

/** By what they install; that of Calico is called tigera-operator. */
export type ChartName = "calico" | "cilium";

/** What was made on this machine, where no registry can be reached. */
export type Local = Partial<Images> & { charts?: Partial<Record<ChartName, string>> };

/** The names of the published images, with their tags. */
export const PUBLISHED: Images = {
    node: `docker.io/kindest/node:${versions.nodeImage.tag}`,
    multus: `ghcr.io/k8snetworkplumbingwg/multus-cni:${versions.multus}`,
    toolbox: `docker.io/nicolaka/netshoot:${versions.toolbox.tag}`,
};

/** The Multus project publishes no digest list for its release tags, hence a tag there. */
const PINNED: Images = {
    node: `${PUBLISHED.node}@${versions.nodeImage.digest}`,
    multus: PUBLISHED.multus,
    toolbox: `${PUBLISHED.toolbox}@${versions.toolbox.digest}`,
};

/** The charts of these versions pin their images: Cilium's by digest, Calico's by tag. */
const CHARTS: Charts = {
    calico: {
        repository: "https://docs.tigera.io/calico/charts",
        name: "tigera-operator",
        version: versions.calico,
    },
    cilium: {
        repository: "https://helm.cilium.io",
        name: "cilium",
        version: versions.cilium.slice(1),
    },
};

type ImagesConfig = { [key in keyof Images | "mirror"]?: string | undefined };

/**
 * The images of a stack: what its config names, else what was made on this machine, else the pinned reference,
 * taken from the mirror if the config names one.
 */
export function resolveImages(config: ImagesConfig, local: Local = {}): Images {
    const pick = (key: keyof Images) =>
        config[key] ??
        (config.mirror ? mirrored(PINNED[key], config.mirror) : (local[key] ?? PINNED[key]));
    return { node: pick("node"), multus: pick("multus"), toolbox: pick("toolbox") };
}

/** The charts of a stack: what was made on this machine, else the pinned ones. */
export function resolveCharts({ charts = {} }: Local): Charts {
    const pick = (key: keyof Charts): ForeignChart => {
        const folder = charts[key];
        return folder === undefined ? CHARTS[key] : { folder };
    };
    return { calico: pick("calico"), cilium: pick("cilium") };
}

/** The registry of an image: host, and port if it says one. */
export function registryOf(reference: string): string {
    const [first = "", ...rest] = reference.split("/");
    return rest.length > 0 && (/[.:]/.test(first) || first === "localhost") ? first : "docker.io";
}

/** A mirror without its scheme, and whether that says that it speaks no TLS. */
export function mirrorOf(text: string): { mirror: string; plain: boolean } {
    const mirror = text.replace(/^http:\/\//, "");
    return { mirror, plain: mirror !== text };
}

/** The same image under a mirror: its registry's name gives way to the prefix, tag and digest stay. */
function mirrored(reference: string, mirror: string): string {
    return `${mirror.replace(/\/+$/, "")}/${reference.slice(reference.indexOf("/") + 1)}`;
}
