import { CNIS } from "../cnis.ts";
import type { Artifact } from "../artifact.ts";
import { GO_ARTIFACTS } from "./goArtifacts.ts";
import { imageStores } from "./imageStore.ts";
import { nodeFiles } from "./nodeFiles.ts";
import { rootfs, rootfsCni } from "./rootfs.ts";

/** What node images are made of on a machine that cannot pull one. */
export const IMAGE_ARTIFACTS: Artifact[] = [
    ...GO_ARTIFACTS,
    rootfs,
    rootfsCni,
    nodeFiles,
    ...CNIS.flatMap(({ artifacts }) => artifacts),
    ...imageStores,
];
