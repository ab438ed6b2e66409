import { bridgeDevice } from "../names.ts";
import type { NetworkPlan } from "../plan.ts";
import { slices } from "./division.ts";
import { DEFAULT_RANGE, sliced } from "./keys.ts";
import { leases } from "./leases.ts";
import type { ConfigOf, NetworkType } from "./networkType.ts";

interface BridgePlan extends NetworkPlan {
    /** Prefix length of the block that each cluster has. */
    clusterPrefix: number;
    /** Name of the bridge on every node, at most 15 characters. */
    device: string;
}

/** A Linux bridge on each node, whose pods share a layer 2; nodes route between each other. */
export const bridge: NetworkType<ConfigOf<typeof sliced>, BridgePlan> = {
    name: "bridge",
    text: {
        is: "a Linux bridge on each node, and routes between all nodes",
        between: "yes, routed",
    },
    keys: sliced,
    defaultRange: DEFAULT_RANGE,
    division: slices,
    routed: true,
    reach: "stack",
    layer2: true,
    overlay: false,
    measured: true,
    reserved: { before: "the gateway", behind: "one that stays free" },
    plugins: () => ["bridge"],
    plan: ({ name, clusterPrefix }) => ({ clusterPrefix, device: bridgeDevice(name) }),

    cni({ cidr, mtu, device }, slice) {
        // The device outlives its pods: with another slice it gets another address.
        const gateway = { isGateway: true, forceAddress: true, ipMasq: false };
        return [{ type: "bridge", bridge: device, ...gateway, mtu, ipam: leases(cidr, slice) }];
    },
};
