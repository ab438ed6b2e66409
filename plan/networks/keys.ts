import { z } from "zod";
import { key } from "../config/key.ts";
import { prefixLength, range, whole } from "../config/refine.ts";

/** The range of the one routed network that states none. */
export const DEFAULT_RANGE = "10.0.0.0/10";

/** MTU of the docker network that joins the nodes, in bytes, unless docker's own default network has another. */
export const BRIDGE_MTU = 1500;

/** What a network has whose MTU that docker network does not carry. */
export const LESS_ON_BRIDGE = "less where the docker network carries less";

/** An integer of bytes, at most and by default what the pods' way carries. */
export function mtuUpTo(most: number, because: string) {
    return whole(576, most, `IPv4 promises 576 bytes everywhere, and ${because}`).default(most);
}

/** Keys of every network. */
export const membership = {
    clusters: key(z.array(z.string()).optional(), "names of the clusters that join", {
        example: "[edge1, edge2]",
        otherwise: "all",
        decides: true,
    }),
};

/** Keys of a network whose nodes each have a slice: slice `j` of block `i` for node `j` of cluster `i`. */
export const sliced = {
    ...membership,
    cidr: key(
        range.optional(),
        "range of the whole network; at most one network may leave it out",
        { example: '"172.16.0.0/12"', otherwise: `\`${DEFAULT_RANGE}\``, decides: true },
    ),
    clusterPrefix: key(prefixLength.default(16), "prefix length of each cluster's block", {
        example: "16",
        decides: true,
    }),
    nodePrefix: key(prefixLength.default(24), "prefix length of each node's slice", {
        example: "24",
        decides: true,
    }),
    mtu: key(
        mtuUpTo(BRIDGE_MTU, `the docker network between the nodes carries ${BRIDGE_MTU}`),
        `MTU of the pods' interfaces in bytes, 576 to ${BRIDGE_MTU}; ${LESS_ON_BRIDGE}`,
        { example: "1500" },
    ),
};

/** For a type without a default range. */
export const requiredRange = key(range.optional(), "range of the whole network; required", {
    example: '"172.16.0.0/12"',
    otherwise: "",
    decides: true,
});
