import { join } from "node:path";
import type { ArtifactDirectory } from "../artifact.ts";
import type { Cni } from "../cnis/cni.ts";
import type { Image } from "./archive.ts";
import { CNI_IMAGE_RECIPE } from "./cniImage.ts";
import { componentImages, COMPONENTS_RECIPE } from "./components.ts";
import { DEBIAN_FORMAT, DebianRoot } from "./debianRoot.ts";
import { multus, MULTUS_RECIPE } from "./multus.ts";
import { toolbox, TOOLBOX_RECIPE } from "./toolbox.ts";

/** Images that are in every node from the start. */
export interface Preloaded {
    /** Names of the artifacts that they are made of. */
    needs: string[];
    /** What decides their content besides these artifacts. */
    recipe: string[];
    /** The images, by where finished artifacts are. */
    images(dir: ArtifactDirectory): Image[];
}

const always: Preloaded = {
    needs: ["rootfs", "kubernetes", "etcd", "coredns", "pause", "kindnet", "multus"],
    recipe: [DEBIAN_FORMAT, ...COMPONENTS_RECIPE, ...MULTUS_RECIPE, ...TOOLBOX_RECIPE],
    images(dir) {
        const debian = debianRoot(dir, "rootfs");
        return [...componentImages(dir, debian), multus(dir("multus")), toolbox(debian)];
    },
};

/** The images of a CNI plugin. */
function imagesOf(cni: Cni): Preloaded {
    return {
        needs: ["rootfs-cni", "cni-plugins", ...cni.artifacts.map(({ name }) => name)],
        recipe: [...CNI_IMAGE_RECIPE, ...cni.recipe],
        images: (dir) => cni.images(dir, debianRoot(dir, "rootfs-cni")),
    };
}

/** What is preloaded where these CNI plugins are wanted besides kindnet and Multus. */
export function preloaded(wanted: readonly Cni[]): Preloaded {
    const parts = [always, ...wanted.map(imagesOf)];
    return {
        needs: [...new Set(parts.flatMap(({ needs }) => needs))],
        recipe: parts.flatMap(({ recipe }) => recipe),
        images: (dir) => parts.flatMap((part) => part.images(dir)),
    };
}

function debianRoot(dir: ArtifactDirectory, artifact: string): DebianRoot {
    return new DebianRoot(join(dir(artifact), "tree"));
}
