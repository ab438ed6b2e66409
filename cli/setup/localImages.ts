import { existsSync, mkdirSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import {
    type ArtifactDirectory,
    type Cni,
    CNIS,
    type NodeImages,
    nodeImageParts,
    nodeImages,
} from "../../source-builds/builder.ts";
import { readJson, writeWhole } from "../../system/smallFile.ts";

/**
 * The file that names the images made on this machine for one stack. Each stack has its own, so that setting up one
 * does not change the nodes of another.
 */
export class LocalImages {
    readonly file: string;

    /** `stateDir` is the project's directory. */
    constructor(stateDir: string, stack: string) {
        this.file = join(stateDir, "images", `${basename(stack)}.json`);
    }

    /**
     * The CNI plugins that the stack's node image is to hold. One that is no longer asked for stays, as long as what
     * holds it is there: a smaller image would be another one, and all nodes would have to be replaced for it.
     */
    cnis(wanted: Cni[], dir: ArtifactDirectory): Cni[] {
        const before = this.read();
        const held = CNIS.filter(({ name }) => before?.charts?.[name] !== undefined);
        const usable =
            before?.node === nodeImages(dir, held).node &&
            nodeImageParts(held).every((part) => existsSync(dir(part)));
        return usable && wanted.every((cni) => held.includes(cni)) ? held : wanted;
    }

    write(images: NodeImages): void {
        mkdirSync(dirname(this.file), { recursive: true });
        writeWhole(this.file, `${JSON.stringify(images, null, 4)}\n`, 0o644);
    }

    /** What is written down; undefined if nothing is, or not to its end. */
    read(): NodeImages | undefined {
        const images = readJson<NodeImages>(this.file);
        return typeof images?.node === "string" ? images : undefined;
    }
}
