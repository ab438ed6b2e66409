import type { Piece } from "../piece.ts";
import { goPieces } from "./goPieces.ts";
import { imageStore } from "./imageStore.ts";
import { nodeFiles } from "./nodeFiles.ts";
import { rootfs } from "./rootfs.ts";

/** What a node image is made of on a machine that cannot pull one. */
export const imagePieces: Piece[] = [...goPieces, rootfs, nodeFiles, imageStore];
