import * as pulumi from "@pulumi/pulumi";
import { cidrOf, overlaps } from "../plan/cidr.ts";
import type { CiliumRanges } from "../plan/diagram.ts";
import type { CiliumPlan } from "../plan/plan.ts";

/** The ranges that Cilium gave the nodes. Throws if the network has another pool now, as Cilium keeps what it once gave. */
export function inPool(
    ranges: CiliumRanges,
    { name, cidr, nodePrefix }: CiliumPlan,
    kubeconfig: string,
): CiliumRanges {
    const pool = cidrOf(cidr);
    const foreign = Object.entries(ranges).find(([, { range }]) => {
        const given = cidrOf(range);
        return given.prefix !== nodePrefix || !overlaps(given, pool);
    });
    if (!foreign) {
        return ranges;
    }
    const [node, { range }] = foreign;
    throw new pulumi.RunError(
        `networks.${name}: Cilium gave node ${node} the range ${range} and keeps it, which is no /${nodePrefix} of ${cidr}.\n` +
            "Set cidr and nodePrefix to what they were. Or give the ranges up: take the network out of the configuration, " +
            `pulumi up, kubectl --kubeconfig ${kubeconfig} delete ciliumnodes --all, and put it in again.`,
    );
}
