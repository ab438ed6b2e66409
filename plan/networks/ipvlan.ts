import { z } from "zod";
import { cidrOf, lastHost, lastLease, nthHost } from "../cidr.ts";
import { key } from "../config/key.ts";
import type { NetworkPlan } from "../plan.ts";
import { slices } from "./division.ts";
import { requiredRange, sliced } from "./keys.ts";
import { LEASES } from "./leases.ts";
import type { ConfigOf, NetworkType } from "./networkType.ts";

const keys = {
    ...sliced,
    cidr: requiredRange,
    mode: key(
        z.enum(["l2", "l3"]).default("l2"),
        "`l2`: one segment, as with macvlan, but all pods of a node have its MAC address; `l3`: no ARP, and routes between all nodes",
        { example: "l3", decides: true },
    ),
};

type Config = ConfigOf<typeof keys>;

interface IpvlanPlan extends NetworkPlan {
    /** Prefix length of the block that each cluster has. */
    clusterPrefix: number;
    /** The node's interface on the docker network. */
    master: "eth0";
    mode: "l2" | "l3";
}

/** Pods share the node's interface on the docker network and its MAC address. Source of the modes: Linux, ipvlan.rst. */
export const ipvlan: NetworkType<Config, IpvlanPlan> = {
    name: "ipvlan",
    text: {
        is: "pods share the node's interface on the docker network, and its MAC address; for a kernel with CONFIG_IPVLAN",
        between: "yes, layer 2 or routed",
    },
    keys,
    variant: ({ mode }) => (mode === "l3" ? l3 : ipvlan),
    division: slices,
    routed: false,
    reach: "stack",
    layer2: true,
    overlay: false,
    measured: true,
    reserved: { before: "the first, which stays free" },
    plugins: () => ["ipvlan"],
    plan: ({ clusterPrefix, mode }) => ({ clusterPrefix, master: "eth0", mode }),

    // Every node gives out its own slice of the one segment.
    cni: (network, slice) =>
        plugin(network, {
            subnet: network.cidr,
            rangeStart: nthHost(cidrOf(slice), 2),
            rangeEnd: lastHost(cidrOf(slice)),
        }),

    needs: ({ name, type }) => [
        {
            option: "CONFIG_IPVLAN",
            path: ["networks", name, "type"],
            value: type,
            fix: "Write type: macvlan, bridge or ptp",
        },
    ],
};

/** The node routes for its pods: others have routes to its slice, and what no pod has is answered by the node. */
const l3: NetworkType<Config, IpvlanPlan> = {
    ...ipvlan,
    routed: true,
    layer2: false,
    reserved: { before: "the first, which stays free", behind: "one that stays free" },

    cni: (network, slice) =>
        plugin(
            network,
            {
                subnet: slice,
                rangeStart: nthHost(cidrOf(slice), 2),
                rangeEnd: lastLease(cidrOf(slice)),
            },
            // On-link: there is no gateway to ask, and no ARP to ask it by.
            [{ dst: network.cidr, gw: "0.0.0.0" }],
        ),
};

function plugin({ master, mode, mtu }: IpvlanPlan, range: object, routes?: object[]) {
    const ipam = {
        type: "host-local",
        dataDir: LEASES,
        ranges: [[range]],
        ...(routes && { routes }),
    };
    return [{ type: "ipvlan", master, mode, mtu, ipam }];
}
