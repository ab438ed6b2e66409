import { typeOf } from "./networks/types.ts";
import type { NetworkPlan, NodeAttachment } from "./plan.ts";

/** CNI configuration of a network on one node, whose slice is in `attachment` where the plan decides it. */
export function conflist(network: NetworkPlan, attachment: NodeAttachment | undefined) {
    const type = typeOf(network);
    const slice = attachment?.slice;
    if (slice === undefined && type.division.isPlanned) {
        throw new Error(`network ${network.name} has no slice on a node`);
    }
    return {
        cniVersion: "0.3.1",
        name: network.name,
        plugins: type.cni(network, slice ?? ""),
    };
}
