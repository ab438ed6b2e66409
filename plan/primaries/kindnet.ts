import type { PrimaryType } from "./primaryType.ts";

/** kind's own network. */
export const kindnet: PrimaryType = {
    name: "kindnet",
    conflist: "10-kindnet.conflist",
    givesRanges: false,
};
