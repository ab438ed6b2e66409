import { createHash } from "node:crypto";
import { basename, dirname, join } from "node:path";
import type { ArtifactDirectory } from "../artifact.ts";
import type { Cni } from "../cnis/cni.ts";
import { versions } from "../../plan/versions.ts";
import { ARCHIVE_FORMAT } from "./archive.ts";
import { imageStoreName } from "./imageStore.ts";
import { MULTUS_IMAGE } from "./multus.ts";
import { NODE_LAYER_RECIPE } from "./nodeLayer.ts";
import { TOOLBOX_IMAGE } from "./toolbox.ts";

/** What was made on this machine for a stack to run on. */
export interface NodeImages {
    /** For kind. It holds all other images, and everything that kubeadm starts. */
    node: string;
    multus: string;
    toolbox: string;
    /** Directories of the charts of the CNI plugins whose images the node image holds, by name. */
    charts?: Partial<Record<string, string>>;
}

const NODE_IMAGE = "multinet.local/kindest-node";

/** Artifacts that every node image is made of. */
export const COMMON_PARTS = ["rootfs", "node-files", "kubernetes", "containerd", "cni-plugins"];

/** How a node is started. */
export const NODE_RUNS = {
    entrypoint: ["/usr/local/bin/entrypoint", "/sbin/init"],
    // systemd asks for this to know that it is in a container,
    environment: ["container=docker"],
    // and shuts down on this signal; SIGTERM would make it start again.
    stopSignal: "SIGRTMIN+3",
};

/** Names of the artifacts whose directories `loadNodeImage` reads for a node image with these CNI plugins. */
export function nodeImageParts(wanted: readonly Cni[]): string[] {
    return [...COMMON_PARTS, imageStoreName(wanted)];
}

/** The images that the artifacts in these directories make. A changed recipe of any of them is a new tag. */
export function nodeImages(dir: ArtifactDirectory, wanted: readonly Cni[]): NodeImages {
    const keys = nodeImageParts(wanted).map((part) => basename(dir(part)));
    const recipe = JSON.stringify([keys, ARCHIVE_FORMAT, NODE_LAYER_RECIPE, NODE_RUNS]);
    const key = createHash("sha256").update(recipe).digest("hex").slice(0, 12);
    return {
        node: `${NODE_IMAGE}:${versions.kubernetes}-${key}`,
        multus: MULTUS_IMAGE,
        toolbox: TOOLBOX_IMAGE,
        ...(wanted.length > 0 && { charts: charts(dir, wanted) }),
    };
}

/**
 * Whether images that another version of this program has made, or that are made of other sources, do for this one: the
 * same Kubernetes, and in the node all that this version starts there.
 */
export function areUsable(images: NodeImages, wanted: readonly Cni[]): boolean {
    const holds = ({ name, chart: { artifact } }: Cni) => {
        const chart = basename(dirname(images.charts?.[name] ?? ""));
        return chart.startsWith(`${artifact.name}-${artifact.version}-`);
    };
    return (
        images.node.startsWith(`${NODE_IMAGE}:${versions.kubernetes}-`) &&
        images.multus === MULTUS_IMAGE &&
        images.toolbox === TOOLBOX_IMAGE &&
        wanted.every(holds)
    );
}

function charts(dir: ArtifactDirectory, wanted: readonly Cni[]): Record<string, string> {
    return Object.fromEntries(
        wanted.map(({ name, chart }) => [name, join(dir(chart.artifact.name), chart.folder)]),
    );
}
