import { CNIS, cnisOf } from "../../source-builds/cnis.ts";
import type { Cni } from "../../source-builds/cnis/cni.ts";
import { hasContainers, hasImage } from "../../system/dockerApi.ts";
import type { ArtifactDirectory } from "../../source-builds/artifact.ts";
import {
    areUsable,
    charts,
    ensureNodeImage,
    type NodeImages,
    nodeImageParts,
    nodeImages,
} from "../../source-builds/images/nodeImage.ts";
import { imageSource, namesItsImages } from "./imageSource.ts";
import { LocalImages } from "./localImages.ts";
import { STATE_DIR, type StackFile } from "../project.ts";
import { stackConfig } from "../state/stackFile.ts";
import { withBuildContext, type Tools } from "../../source-builds/makeArtifacts.ts";

/** The images of a stack, and charts that belong to them, on a machine that makes them itself. */
export class MadeImages {
    private cnis: Cni[];
    /** What the stack's nodes were made of, if that is kept although it would be made differently today. */
    private kept: NodeImages | undefined;
    private readonly wanted: Cni[];
    private readonly local: LocalImages;
    private readonly tools: Tools;
    private readonly dir: ArtifactDirectory = (artifact) =>
        this.tools.cache.dir(this.tools.registry.key(artifact));

    private constructor({ name, configFile }: StackFile, tools: Tools, stateDir: string) {
        this.tools = tools;
        this.local = new LocalImages(stateDir, name);
        this.wanted = cnisOf(stackConfig(configFile));
        this.cnis = this.local.cnis(this.wanted, this.dir);
    }

    /**
     * Undefined if the stack takes its images from somewhere else. `engine` is the address of the engine that answers, if
     * any; `stateDir` the project's directory.
     */
    static async of(
        stack: StackFile,
        tools: Tools,
        engine?: string,
        stateDir: string = STATE_DIR,
    ): Promise<MadeImages | undefined> {
        if (namesItsImages(stack.configFile)) {
            return undefined;
        }
        const images = new MadeImages(stack, tools, stateDir);
        if (engine && (await images.keep(engine))) {
            return images;
        }
        const { madeHere, why } = await imageSource(tools.cache, tools.registry, tools.signal);
        if (why) {
            tools.progress.note(`Node image and pod images are made on this machine: ${why}`);
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
                this.kept = recorded;
                this.cnis = CNIS.filter((cni) => areUsable(recorded, [cni]));
            }
        }
        return this.kept !== undefined;
    }

    /** Names of all artifacts that they take. */
    get parts(): string[] {
        const chartArtifacts = this.cnis.map(({ chart }) => chart.artifact.name);
        return [...(this.kept ? [] : nodeImageParts(this.cnis)), ...chartArtifacts];
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
            await this.tools.progress.during("node-image", (say) =>
                withBuildContext("node-image", this.tools, say, (context) =>
                    ensureNodeImage(context, "docker", this.cnis),
                ),
            );
        }
        const { node, multus, toolbox } = this.kept ?? this.today;
        const held = this.cnis.length > 0 && { charts: charts(this.dir, this.cnis) };
        this.local.write({ node, multus, toolbox, ...held });
    }

    /** The images that would be made now. */
    private get today(): NodeImages {
        return nodeImages(this.dir, this.cnis);
    }
}
