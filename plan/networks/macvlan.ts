import { z } from "zod";
import { cidrOf, lastHost, nthHost } from "../cidr.ts";
import { key } from "../config/key.ts";
import { prefixLength } from "../config/refine.ts";
import { multicastGroup } from "../names.ts";
import type { NetworkPlan } from "../plan.ts";
import { problem, quoted } from "../problem.ts";
import { slices } from "./division.ts";
import { requiredRange, sliced } from "./keys.ts";
import { LEASES } from "./leases.ts";
import type { ConfigOf, NetworkType } from "./networkType.ts";

const keys = {
    ...sliced,
    cidr: requiredRange,
    clusterPrefix: key(prefixLength.default(20), "prefix length of each cluster's block", {
        example: "16",
        decides: true,
    }),
    ipam: key(
        z.enum(["host-local", "static"]).default("host-local"),
        "`host-local`: nodes hand out their slices; `static`: the plan gives each demo pod its address, and so do you yours",
        { example: "static", decides: true },
    ),
};

interface MacvlanPlan extends NetworkPlan {
    /** Prefix length of the block that each cluster has. */
    clusterPrefix: number;
    /** The node's interface on the docker network. */
    master: "eth0";
    ipam: "host-local" | "static";
    /** Multicast group by which the matrix shows that members, and no others, get what is sent to it. */
    group: string;
}

const MULTICAST = "224.0.0.0/4";

/** One layer 2 over all nodes, on which multicast is at home: pods have interfaces on the docker network itself. */
export const macvlan: NetworkType<ConfigOf<typeof keys>, MacvlanPlan> = {
    name: "macvlan",
    text: {
        is: "one layer 2: each pod has an interface on the docker network itself, so that multicast works",
        between: "yes, layer 2",
    },
    keys,
    division: slices,
    routed: false,
    reach: "stack",
    layer2: true,
    overlay: false,
    measured: true,
    reserved: { before: "the first, which stays free" },
    keepsAddresses: ({ ipam }) => ipam === "static",
    plugins: () => ["macvlan"],
    plan: ({ name, clusterPrefix, ipam }) => ({
        clusterPrefix,
        master: "eth0",
        ipam,
        group: multicastGroup(name),
    }),

    cni({ master, mtu, cidr, ipam }, slice) {
        const interfaces = { type: "macvlan", master, mode: "bridge", mtu };
        if (ipam === "static") {
            const ipam = { type: "static", routes: [{ dst: MULTICAST }] };
            return [{ ...interfaces, capabilities: { ips: true }, ipam }];
        }
        const range = {
            subnet: cidr,
            rangeStart: nthHost(cidrOf(slice), 2),
            rangeEnd: lastHost(cidrOf(slice)),
        };
        // No gateway, stated: host-local would take the first address of the range for one, which no host has.
        const routes = [{ dst: MULTICAST, gw: "0.0.0.0" }];
        return [
            {
                ...interfaces,
                ipam: { type: "host-local", dataDir: LEASES, ranges: [[range]], routes },
            },
        ];
    },

    // Behind the slice's first host, which is no pod's in any network.
    demoAddress: ({ ipam, cidr }, slice, n) =>
        ipam === "static" ? `${nthHost(cidrOf(slice), n + 2)}/${cidrOf(cidr).prefix}` : undefined,

    group: multicastGroup,

    // The matrix could not tell whose datagrams arrive.
    problems(networks) {
        const all = networks.map(([name]) => name);
        return [...Map.groupBy(all, multicastGroup)].flatMap(([group, names]) =>
            names.slice(1).map((name) =>
                problem(["networks", name], name, {
                    reason: `The names ${quoted(names)} give their networks the same multicast group, ${group}.`,
                    fix: "Rename the network.",
                }),
            ),
        );
    },
};
