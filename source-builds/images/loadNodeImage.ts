import type { BuildContext } from "../artifact.ts";
import type { Cni } from "../cnis/cni.ts";
import { engineProgram } from "../../system/engineProgram.ts";
import { archive } from "./archive.ts";
import { NODE_RUNS, nodeImages } from "./nodeImage.ts";
import { nodeLayer } from "./nodeLayer.ts";

/** Milliseconds for an engine to load a node image. */
const LIMIT = 30 * 60_000;

/**
 * Loads the node image into the container engine that `docker` (or `podman`) talks to, unless it is there. 1.2 to 2.4 GB are streamed;
 * nothing but the finished artifacts is read.
 */
export async function loadNodeImage(context: BuildContext, wanted: readonly Cni[]): Promise<void> {
    const dir = (artifact: string) => context.dir(artifact);
    const { node } = nodeImages(dir, wanted);
    const found = await context.run(engineProgram(), ["images", "--quiet", node]);
    if (found.trim() !== "") {
        return;
    }
    context.status("loading the node image into docker");
    const input = archive([{ name: node, layer: nodeLayer(dir, wanted), ...NODE_RUNS }]);
    await context.run(engineProgram(), ["load"], { input, limit: LIMIT });
}
