import { join } from "node:path";
import type { Cni } from "../cnis.ts";
import type { Image } from "./archive.ts";
import { calicoImages, CALICO_RECIPE } from "./calico.ts";
import { ciliumImages, CILIUM_RECIPE } from "./cilium.ts";
import { CNI_IMAGE_RECIPE } from "./cniImage.ts";
import { componentImages, COMPONENTS_RECIPE, type ArtifactDirectory } from "./components.ts";
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

const ofCni: Record<Cni, Preloaded> = {
    calico: {
        needs: ["rootfs-cni", "cni-plugins", "calico", "tigera-operator", "calico-files"],
        recipe: [...CNI_IMAGE_RECIPE, ...CALICO_RECIPE],
        images: (dir) => calicoImages(dir, debianRoot(dir, "rootfs-cni")),
    },
    cilium: {
        needs: ["rootfs-cni", "cni-plugins", "cilium", "cilium-files"],
        recipe: [...CNI_IMAGE_RECIPE, ...CILIUM_RECIPE],
        images: (dir) => ciliumImages(dir, debianRoot(dir, "rootfs-cni")),
    },
};

/** What is preloaded where these CNI plugins are wanted besides kindnet and Multus. */
export function preloaded(wanted: readonly Cni[]): Preloaded {
    const parts = [always, ...wanted.map((cni) => ofCni[cni])];
    return {
        needs: [...new Set(parts.flatMap(({ needs }) => needs))],
        recipe: parts.flatMap(({ recipe }) => recipe),
        images: (dir) => parts.flatMap((part) => part.images(dir)),
    };
}

function debianRoot(dir: ArtifactDirectory, artifact: string): DebianRoot {
    return new DebianRoot(join(dir(artifact), "tree"));
}
