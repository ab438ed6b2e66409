import { mkdir, mkdtemp, readdir, rename, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CNIS } from "../cnis.ts";
import type { Cni } from "../cnis/cni.ts";
import type { Artifact, BuildContext } from "../artifact.ts";
import { versions } from "../../plan/versions.ts";
import { type Image, archive, ARCHIVE_FORMAT } from "./archive.ts";
import { startContainerd } from "./containerd.ts";
import { preloaded } from "./preloaded.ts";
import { nodeImageCost } from "./rootfs.ts";

/** To be raised when the code below makes another directory of the same images. */
const FORMAT = "store 1";

/** Where the nodes look for the contents of layers. */
export const LAYERS_PATH = "/kind/layers";

/** Where the kubelet has its images. */
const NAMESPACE = "k8s.io";
/** What containerd has to know about images; the rest of its directory is made by each node. */
const PLUGINS = [
    "io.containerd.content.v1.content",
    "io.containerd.metadata.v1.bolt",
    "io.containerd.snapshotter.v1.overlayfs",
];

/** Name of the artifact that has the images of these CNI plugins, too. */
export function imageStoreName(wanted: readonly Cni[]): string {
    const names = CNIS.filter((cni) => wanted.includes(cni)).map(({ name }) => name);
    return ["image-store", ...names].join("-");
}

/**
 * The images that are in a node from the start, as a node needs them: `containerd/`, the root directory of its
 * containerd, and `layers/`, their unpacked layers. The layers belong at `layersPath` in the node image and are linked
 * from containerd's directory. So they are part of the image that all nodes share: a node copies none of them into its
 * /var and unpacks none, and its pods share their pages in memory with those of other nodes.
 */
function imageStore(wanted: readonly Cni[]): Artifact {
    const content = preloaded(wanted);
    return {
        name: imageStoreName(wanted),
        version: versions.kubernetes,
        needs: [...content.needs, "containerd"],
        cost: nodeImageCost,
        root: true,
        recipe: () => [FORMAT, ARCHIVE_FORMAT, LAYERS_PATH, ...PLUGINS, ...content.recipe],
        async make(into, context) {
            const images = content.images((artifact) => context.dir(artifact));
            const root = join(into, "root");
            context.status(`importing ${images.length} images`);
            await importImages(root, images, context);
            await keep(root, into);
            await rm(root, { recursive: true });
        },
    };
}

/** One for each set of CNI plugins that a stack may ask for. */
export const imageStores = CNIS.reduce<Cni[][]>(
    (sets, cni) => [...sets, ...sets.map((set) => [...set, cni])],
    [[]],
).map(imageStore);

async function importImages(root: string, images: Image[], context: BuildContext): Promise<void> {
    const programs = context.dir("containerd");
    const run = await mkdtemp(join(tmpdir(), "multinet-"));
    try {
        const containerd = await startContainerd(programs, root, run);
        try {
            const ctr = join(programs, "ctr");
            const args = ["--address", containerd.address, "--namespace", NAMESPACE];
            const options = ["images", "import", "--local", "--discard-unpacked-layers", "-"];
            await context.run(ctr, [...args, ...options], { input: archive(images) });
            // Runs the garbage collector, which takes the packed layers away.
            await context.run(ctr, [...args, "content", "prune", "references"]);
        } finally {
            await containerd.stop();
        }
    } finally {
        await rm(run, { recursive: true, force: true });
    }
}

async function keep(root: string, into: string): Promise<void> {
    await mkdir(join(into, "containerd"));
    await mkdir(join(into, "layers"));
    for (const name of PLUGINS) {
        await rename(join(root, name), join(into, "containerd", name));
    }
    const snapshots = join(into, "containerd/io.containerd.snapshotter.v1.overlayfs/snapshots");
    for (const id of await readdir(snapshots)) {
        await rename(join(snapshots, id, "fs"), join(into, "layers", id));
        await symlink(join(LAYERS_PATH, id), join(snapshots, id, "fs"));
    }
}
