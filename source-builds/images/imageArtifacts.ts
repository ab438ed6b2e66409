import { CNI_FILES } from "../moduleFiles.ts";
import type { Artifact } from "../artifact.ts";
import { CNI_GO_ARTIFACTS, GO_ARTIFACTS } from "./goArtifacts.ts";
import { imageStores } from "./imageStore.ts";
import { nodeFiles } from "./nodeFiles.ts";
import { rootfs, rootfsCni } from "./rootfs.ts";

/** What node images are made of on a machine that cannot pull one. */
export const IMAGE_ARTIFACTS: Artifact[] = [
    ...GO_ARTIFACTS,
    ...CNI_GO_ARTIFACTS,
    rootfs,
    rootfsCni,
    nodeFiles,
    ...CNI_FILES,
    ...imageStores,
];
