import { cidrOf, lastLease } from "../cidr.ts";

/** Where host-local keeps its leases: on tmpfs, so that they end with the sandboxes when a node restarts. */
export const LEASES = "/run/cni-ipam-state";

/**
 * The addresses of a node's slice of a routed network. A pod gets one route for the whole network. The last address is
 * never handed out: the matrix asks it and expects that no host has it.
 */
export function leases(cidr: string, slice: string) {
    return {
        type: "host-local",
        dataDir: LEASES,
        ranges: [[{ subnet: slice, rangeEnd: lastLease(cidrOf(slice)) }]],
        routes: [{ dst: cidr }],
    };
}
