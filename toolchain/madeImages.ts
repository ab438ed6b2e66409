import { type Cni, cnisOf } from "./cnis.ts";
import { hasImage } from "./dockerApi.ts";
import type { PieceDirectory } from "./images/components.ts";
import { ensureNodeImage, nodeImageParts, nodeImages } from "./images/nodeImage.ts";
import { imagesAreMadeHere, namesItsImages } from "./imageSource.ts";
import { LocalImages } from "./localImages.ts";
import { chartPiece } from "./moduleFiles.ts";
import { OWN, type StackFile } from "./project.ts";
import { atWork, type Tools } from "./workshop.ts";

/** The images of a stack, and charts that belong to them, on a machine that makes them itself. */
export class MadeImages {
    private readonly cnis: Cni[];
    private readonly local: LocalImages;
    private readonly tools: Tools;
    private readonly dir: PieceDirectory = (piece) =>
        this.tools.cache.dir(this.tools.catalogue.key(piece));

    private constructor({ name, configFile }: StackFile, tools: Tools) {
        this.tools = tools;
        this.local = new LocalImages(OWN, name);
        this.cnis = this.local.cnis(cnisOf(configFile), this.dir);
    }

    /** Undefined if the stack takes its images from somewhere else. */
    static async of(stack: StackFile, tools: Tools): Promise<MadeImages | undefined> {
        if (namesItsImages(stack.configFile)) return undefined;
        const here = await imagesAreMadeHere(tools.cache, tools.catalogue);
        return here ? new MadeImages(stack, tools) : undefined;
    }

    /** Names of all pieces that they take. */
    get parts(): string[] {
        return [...nodeImageParts(this.cnis), ...this.cnis.map(chartPiece)];
    }

    /** The file that names them. */
    get file(): string {
        return this.local.file;
    }

    async areIn(engine: string): Promise<boolean> {
        return hasImage(engine, nodeImages(this.dir, this.cnis).node);
    }

    /** Loads the node image into the engine, if it lacks it, and writes down the names of all images. */
    async load(engine: string): Promise<void> {
        if (!(await this.areIn(engine))) {
            await this.tools.progress.during("node-image", (say) =>
                atWork("node-image", this.tools, say, (workshop) =>
                    ensureNodeImage(workshop, "docker", this.cnis),
                ),
            );
        }
        this.local.write(nodeImages(this.dir, this.cnis));
    }
}
