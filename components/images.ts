/** The images that a stack runs, each a full reference. */
export interface Images {
    /** What every kind node container runs. */
    node: string;
    multus: string;
    /** A shell with network tools: the node agent and the demo pods. */
    toolbox: string;
}

/**
 * The one place where images are pinned. The Multus project publishes no digest list for its release tags, hence a
 * tag there.
 */
const PINNED: Images = {
    node: "docker.io/kindest/node:v1.34.0@sha256:7416a61b42b1662ca6ca89f02028ac133a309a2a30ba309614e8ec94d976dc5a",
    multus: "ghcr.io/k8snetworkplumbingwg/multus-cni:v4.2.4",
    toolbox:
        "docker.io/nicolaka/netshoot:v0.14@sha256:7f08c4aff13ff61a35d30e30c5c1ea8396eac6ab4ce19fd02d5a4b3b5d0d09a2",
};

/**
 * The images of a stack: what its config names, else what was made on this machine, else the pinned reference,
 * taken from the mirror if the config names one.
 */
export function resolveImages(
    config: { [key in keyof Images | "mirror"]?: string | undefined },
    local: Partial<Images> = {},
): Images {
    const pick = (key: keyof Images) =>
        config[key] ??
        (config.mirror ? mirrored(PINNED[key], config.mirror) : (local[key] ?? PINNED[key]));
    return { node: pick("node"), multus: pick("multus"), toolbox: pick("toolbox") };
}

/** The same image under a mirror: its registry's name gives way to the prefix, tag and digest stay. */
function mirrored(reference: string, mirror: string): string {
    return `${mirror.replace(/\/+$/, "")}/${reference.slice(reference.indexOf("/") + 1)}`;
}
