import type { NetworkPlan } from "../plan.ts";
import { slices } from "./division.ts";
import { DEFAULT_RANGE, sliced } from "./keys.ts";
import { leases } from "./leases.ts";
import type { ConfigOf, NetworkType } from "./networkType.ts";

interface PtpPlan extends NetworkPlan {
    /** Prefix length of the block that each cluster has. */
    clusterPrefix: number;
}

/** A point-to-point link from each pod to its node; nodes route between each other. */
export const ptp: NetworkType<ConfigOf<typeof sliced>, PtpPlan> = {
    name: "ptp",
    text: {
        is: "a point-to-point link from each pod to its node, and routes between all nodes",
        between: "yes, routed",
    },
    keys: sliced,
    defaultRange: DEFAULT_RANGE,
    division: slices,
    routed: true,
    reach: "stack",
    layer2: false,
    overlay: false,
    measured: true,
    reserved: { before: "the gateway", behind: "one that stays free" },
    plugins: () => [],
    plan: ({ clusterPrefix }) => ({ clusterPrefix }),
    // The slice's own route comes from the plugin, which fails if it is listed again.
    cni: ({ cidr, mtu }, slice) => [{ type: "ptp", mtu, ipam: leases(cidr, slice) }],
};
