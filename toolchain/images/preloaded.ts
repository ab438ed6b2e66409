import { join } from "node:path";
import type { Cni } from "../cnis.ts";
import type { Image } from "./archive.ts";
import { calicoImages } from "./calico.ts";
import { ciliumImages } from "./cilium.ts";
import { componentImages, type PieceDirectory } from "./components.ts";
import { DebianRoot } from "./debianRoot.ts";
import { multus } from "./multus.ts";
import { toolbox } from "./toolbox.ts";

/** Images that are in every node from the start. */
export interface Preloaded {
    /** Names of the pieces that they are made of. */
    needs: string[];
    /** Files with the code that makes them. */
    code: string[];
    /** The images, by where finished pieces are. */
    images(dir: PieceDirectory): Image[];
}

const always: Preloaded = {
    needs: ["rootfs", "kubernetes", "etcd", "coredns", "pause", "kindnet", "multus"],
    code: ["components.ts", "debianRoot.ts", "multus.ts", "toolbox.ts"],
    images(dir) {
        const debian = debianRoot(dir, "rootfs");
        return [...componentImages(dir, debian), multus(dir("multus")), toolbox(debian)];
    },
};

const ofCni: Record<Cni, Preloaded> = {
    calico: {
        needs: ["rootfs-cni", "cni-plugins", "calico", "tigera-operator", "calico-files"],
        code: ["cniImage.ts", "calico.ts"],
        images: (dir) => calicoImages(dir, debianRoot(dir, "rootfs-cni")),
    },
    cilium: {
        needs: ["rootfs-cni", "cni-plugins", "cilium", "cilium-files"],
        code: ["cniImage.ts", "cilium.ts"],
        images: (dir) => ciliumImages(dir, debianRoot(dir, "rootfs-cni")),
    },
};

/** What is preloaded where these CNI plugins are wanted besides kindnet and Multus. */
export function preloaded(wanted: readonly Cni[]): Preloaded {
    const parts = [always, ...wanted.map((cni) => ofCni[cni])];
    return {
        needs: [...new Set(parts.flatMap(({ needs }) => needs))],
        code: [...new Set(parts.flatMap(({ code }) => code))],
        images: (dir) => parts.flatMap((part) => part.images(dir)),
    };
}

function debianRoot(dir: PieceDirectory, piece: string): DebianRoot {
    return new DebianRoot(join(dir(piece), "tree"));
}
