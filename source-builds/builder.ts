/** The border of this room: whatever other rooms import from it is here. */
import type { Cache } from "../system/cache.ts";
import type { Progress } from "../system/progress.ts";
import type { Artifact, ArtifactDirectory } from "./artifact.ts";
import { ArtifactRegistry } from "./artifactRegistry.ts";
import { ARTIFACTS } from "./artifacts.ts";
import type { Cni } from "./cnis/cni.ts";
import type { Tools } from "./makeArtifacts.ts";

export type { Artifact, ArtifactDirectory } from "./artifact.ts";
export { CNIS, cnisOf } from "./cnis.ts";
export type { Cni } from "./cnis/cni.ts";
export { cost } from "./cost.ts";
export {
    areUsable,
    COMMON_PARTS,
    type NodeImages,
    nodeImageParts,
    nodeImages,
} from "./images/nodeImage.ts";

/** All artifacts on this machine: where they are, which are missing, and how these are made. */
export class Builder implements Tools {
    readonly cache: Cache;
    readonly registry = new ArtifactRegistry(ARTIFACTS);
    readonly progress: Progress;
    readonly signal: AbortSignal;

    constructor(cache: Cache, progress: Progress, signal: AbortSignal) {
        this.cache = cache;
        this.progress = progress;
        this.signal = signal;
    }

    /** The directory of an artifact, whether it is made or not. */
    readonly dir: ArtifactDirectory = (name) => this.cache.dir(this.registry.key(name));

    has(name: string): boolean {
        return this.cache.has(this.registry.key(name));
    }

    /** Those of these artifacts, and of all that they need, that are not made; each after what it needs. */
    missing(names: string[]): Artifact[] {
        return this.registry.inOrder(names).filter(({ name }) => !this.has(name));
    }

    /** Makes what is missing of these artifacts. */
    async make(names: string[]): Promise<void> {
        const missing = this.missing(names);
        if (missing.length > 0) {
            const { makeArtifacts } = await import("./makeArtifacts.ts");
            await makeArtifacts(missing, this);
        }
    }

    /** Loads the node image with these CNI plugins, whose parts are made, into the engine that `docker` talks to. */
    async loadNodeImage(wanted: readonly Cni[]): Promise<void> {
        const { withBuildContext } = await import("./makeArtifacts.ts");
        const { loadNodeImage } = await import("./images/loadNodeImage.ts");
        await this.progress.during("node-image", (say) =>
            withBuildContext("node-image", this, say, (context) => loadNodeImage(context, wanted)),
        );
    }
}
