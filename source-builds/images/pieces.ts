import { CNI_FILES } from "../moduleFiles.ts";
import type { Piece } from "../piece.ts";
import { CNI_GO_PIECES, GO_PIECES } from "./goPieces.ts";
import { imageStores } from "./imageStore.ts";
import { nodeFiles } from "./nodeFiles.ts";
import { rootfs, rootfsCni } from "./rootfs.ts";

/** What node images are made of on a machine that cannot pull one. */
export const IMAGE_PIECES: Piece[] = [
    ...GO_PIECES,
    ...CNI_GO_PIECES,
    rootfs,
    rootfsCni,
    nodeFiles,
    ...CNI_FILES,
    ...imageStores,
];
