import { cidrOf, lastHost, lastLease, nthHost } from "./cidr.ts";
import type {
    BridgePlan,
    CiliumPlan,
    MacvlanPlan,
    NetworkPlan,
    NodeAttachment,
    PtpPlan,
} from "./plan.ts";

/** One entry of a CNI configuration list. */
type Plugin = Record<string, unknown>;

/** CNI configuration of a network on one node, whose slice is in `attachment`: every type but cilium has one. */
export function conflist(network: NetworkPlan, attachment: NodeAttachment | undefined) {
    return { cniVersion: "0.3.1", name: network.name, plugins: plugins(network, attachment) };
}

function plugins(network: NetworkPlan, attachment: NodeAttachment | undefined): Plugin[] {
    if (network.type === "cilium") {
        return cilium(network);
    }
    if (!attachment) {
        throw new Error(`network ${network.name} has no slice on a node`);
    }
    switch (network.type) {
        case "ptp":
            return ptp(network, attachment);
        case "bridge":
            return bridge(network, attachment);
        case "macvlan":
            return macvlan(network, attachment);
    }
}

/** The slice's own route comes from the plugin, which fails if it is listed again. */
function ptp(network: PtpPlan, { slice }: NodeAttachment): Plugin[] {
    return [{ type: "ptp", mtu: network.mtu, ipam: leases(network, slice) }];
}

function bridge(network: BridgePlan, { slice }: NodeAttachment): Plugin[] {
    const { device, mtu } = network;
    const ipam = leases(network, slice);
    // The device outlives its pods: with another slice it gets another address.
    const gateway = { isGateway: true, forceAddress: true, ipMasq: false };
    return [{ type: "bridge", bridge: device, ...gateway, mtu, ipam }];
}

/** Every node gives out its own slice of the one segment, on which multicast is at home. */
function macvlan(network: MacvlanPlan, { slice }: NodeAttachment): Plugin[] {
    const { master, mtu, cidr } = network;
    const interfaces = { type: "macvlan", master, mode: "bridge", mtu };
    if (network.ipam === "static") {
        const ipam = { type: "static", routes: [{ dst: MULTICAST }] };
        return [{ ...interfaces, capabilities: { ips: true }, ipam }];
    }
    const range = {
        subnet: cidr,
        rangeStart: nthHost(cidrOf(slice), 2),
        rangeEnd: lastHost(cidrOf(slice)),
    };
    // No gateway, stated: host-local would take the first address of the range for one, which nobody has.
    const routes = [{ dst: MULTICAST, gw: "0.0.0.0" }];
    return [
        { ...interfaces, ipam: { type: "host-local", dataDir: LEASES, ranges: [[range]], routes } },
    ];
}

/**
 * The plugin of Cilium leaves its pool without a route where another network has the default route, and a large MTU on
 * the device. Cilium answers ARP for every address, so an on-link route does on every node.
 */
function cilium({ cidr, mtu }: CiliumPlan): Plugin[] {
    return [
        {
            type: "cilium-cni",
            "enable-debug": false,
            "log-file": "/var/run/cilium/cilium-cni.log",
        },
        { type: "netroutes", routes: [{ dst: cidr, mtu }] },
    ];
}

const MULTICAST = "224.0.0.0/4";

/** On tmpfs, so that leases end with the sandboxes when a node restarts. */
const LEASES = "/run/cni-ipam-state";

/**
 * A pod gets one route for the whole network. The last address is never handed out: the proof asks it and expects that
 * nobody is there.
 */
function leases({ cidr }: PtpPlan | BridgePlan, slice: string) {
    return {
        type: "host-local",
        dataDir: LEASES,
        ranges: [[{ subnet: slice, rangeEnd: lastLease(cidrOf(slice)) }]],
        routes: [{ dst: cidr }],
    };
}
