import { cidrOf, overlaps } from "../cidr.ts";
import type { CiliumRanges } from "../diagram.ts";
import type { CiliumPlan } from "../plan.ts";

/**
 * What is wrong with the ranges that Cilium gave the nodes if the network has another pool now, as Cilium keeps what it once
 * gave; undefined if nothing is.
 */
export function poolProblem(
    ranges: CiliumRanges,
    { name, cidr, nodePrefix }: CiliumPlan,
    kubeconfig: string,
): string | undefined {
    const pool = cidrOf(cidr);
    const foreign = Object.entries(ranges).find(([, { range }]) => {
        const given = cidrOf(range);
        return given.prefix !== nodePrefix || !overlaps(given, pool);
    });
    if (!foreign) {
        return undefined;
    }
    const [node, { range }] = foreign;
    return (
        `networks.${name}: Cilium gave node ${node} the range ${range} and keeps it, which is no /${nodePrefix} of ${cidr}.\n` +
        "Set cidr and nodePrefix to what they were. Or give the ranges up: take the network out of the configuration, " +
        `pulumi up, kubectl --kubeconfig ${kubeconfig} delete ciliumnodes --all, and put it in again.`
    );
}
