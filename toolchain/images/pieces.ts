import { cniFiles } from "../moduleFiles.ts";
import type { Piece } from "../piece.ts";
import { cniGoPieces, goPieces } from "./goPieces.ts";
import { imageStores } from "./imageStore.ts";
import { nodeFiles } from "./nodeFiles.ts";
import { rootfs, rootfsCni } from "./rootfs.ts";

/** What node images are made of on a machine that cannot pull one. */
export const imagePieces: Piece[] = [
    ...goPieces,
    ...cniGoPieces,
    rootfs,
    rootfsCni,
    nodeFiles,
    ...cniFiles,
    ...imageStores,
];
