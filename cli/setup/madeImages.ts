import { hasContainers, hasImage } from "../../system/dockerApi.ts";
import {
    areUsable,
    type Builder,
    type Cni,
    CNIS,
    cnisOf,
    type NodeImages,
    nodeImageParts,
    nodeImages,
} from "../../source-builds/builder.ts";
import { imageSource, namesItsImages } from "./imageSource.ts";
import { LocalImages } from "./localImages.ts";
import { STATE_DIR, type StackFile } from "../project.ts";
import { stackConfig } from "../state/stackFile.ts";

/** The images of a stack, and charts that belong to them, on a machine that makes them itself. */
export class MadeImages {
    private cnis: Cni[];
    /** The image that the stack's nodes run on, if that is kept although it would be made differently today. */
    private kept: string | undefined;
    private readonly wanted: Cni[];
    private readonly local: LocalImages;
    private readonly builder: Builder;

    private constructor({ name, configFile }: StackFile, builder: Builder, stateDir: string) {
        this.builder = builder;
        this.local = new LocalImages(stateDir, name);
        this.wanted = cnisOf(stackConfig(configFile));
        this.cnis = this.local.cnis(this.wanted, builder.dir);
    }

    /**
     * Undefined if the stack takes its images from somewhere else. `engine` is the address of the engine that answers, if
     * any; `stateDir` the project's directory.
     */
    static async of(
        stack: StackFile,
        builder: Builder,
        engine?: string,
        stateDir: string = STATE_DIR,
    ): Promise<MadeImages | undefined> {
        if (namesItsImages(stack.configFile)) {
            return undefined;
        }
        const images = new MadeImages(stack, builder, stateDir);
        if (engine && (await images.keep(engine))) {
            return images;
        }
        const { madeHere, line } = await imageSource(builder);
        if (line) {
            builder.progress.note(line);
        }
        return madeHere ? images : undefined;
    }

    /**
     * Keeps the image that nodes of the stack run on, if it still does: another image would replace all of them, for
     * nothing that the stack has asked for. Returns whether it is kept.
     */
    async keep(engine: string): Promise<boolean> {
        const recorded = this.local.read();
        if (recorded && recorded.node !== this.today.node && areUsable(recorded, this.wanted)) {
            if (await hasContainers(engine, recorded.node)) {
                this.kept = recorded.node;
                this.cnis = CNIS.filter((cni) => areUsable(recorded, [cni]));
            }
        }
        return this.kept !== undefined;
    }

    /** Names of all artifacts that they take. */
    get parts(): string[] {
        const charts = this.cnis.map(({ chart }) => chart.artifact.name);
        return [...(this.kept ? [] : nodeImageParts(this.cnis)), ...charts];
    }

    /** The file that names them. */
    get file(): string {
        return this.local.file;
    }

    async areIn(engine: string): Promise<boolean> {
        return this.kept !== undefined || hasImage(engine, this.today.node);
    }

    /** Loads the node image into the engine, if it lacks it, and writes down the names of all images. */
    async load(engine: string): Promise<void> {
        if (!(await this.areIn(engine))) {
            await this.builder.loadNodeImage(this.cnis);
        }
        const { today } = this;
        this.local.write({ ...today, node: this.kept ?? today.node });
    }

    /** The images that would be made now. */
    private get today(): NodeImages {
        return nodeImages(this.builder.dir, this.cnis);
    }
}
