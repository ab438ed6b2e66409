import { cidrOf, lastLease } from "./topology/cidr.ts";
import type { NetworkPlan, NodePlan } from "./topology/plan.ts";

/**
 * CNI configuration of a ptp network on one node. The pod gets one route for the whole network; the slice's own route
 * comes from the plugin, which fails if it is listed again. The last address is never handed out: the proof asks it and
 * expects that nobody is there. Leases are kept on tmpfs, so that they end with the
 * sandboxes when a node restarts.
 */
export function ptpConflist(network: NetworkPlan, { slice }: NodePlan["attachments"][number]) {
    return {
        cniVersion: "0.3.1",
        name: network.name,
        plugins: [
            {
                type: "ptp",
                mtu: network.mtu,
                ipam: {
                    type: "host-local",
                    dataDir: "/run/cni-ipam-state",
                    ranges: [[{ subnet: slice, rangeEnd: lastLease(cidrOf(slice)) }]],
                    routes: [{ dst: network.cidr }],
                },
            },
        ],
    };
}
