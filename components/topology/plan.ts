import { cidrOf, firstHost, formatCidr, nthBlock, type Cidr } from "./cidr.ts";
import { planDemos } from "./demos.ts";
import {
    bridgeDevice,
    bridgeName,
    kindName,
    multicastGroup,
    nodeName,
    type Owner,
} from "./names.ts";
import { isRouted, isSliced } from "./networkSchema.ts";
import { expectedReachability } from "./reachability.ts";
import type { ClusterTopology, NetworkTopology, Topology } from "./topology.ts";

/** Every name, address and route of a stack. A pure function of its topology, project and stack. */
export interface Plan {
    project: string;
    stack: string;
    /** The docker network that all nodes share. */
    bridge: { name: string; subnet: string; gateway: string };
    /** By ascending range: the order of the pods' interfaces. */
    networks: NetworkPlan[];
    /** By ascending index. */
    clusters: ClusterPlan[];
    /** Computed anew at every access: its size is quadratic in the number of demo pods. */
    readonly reachability: Reachability;
}

export type NetworkPlan = PtpPlan | BridgePlan | MacvlanPlan | CiliumPlan;

interface NetworkBase {
    name: string;
    cidr: string;
    /** Bytes. */
    mtu: number;
    /** Logical names of the clusters that join it, in their order. */
    clusters: string[];
}

/** A point-to-point link from each pod to its node; nodes route between each other. */
export interface PtpPlan extends NetworkBase {
    type: "ptp";
    /** Prefix length of the block that each cluster has. */
    clusterPrefix: number;
}

/** A Linux bridge on each node; nodes route between each other. */
export interface BridgePlan extends NetworkBase {
    type: "bridge";
    clusterPrefix: number;
    /** Name of the bridge on every node, at most 15 characters. */
    device: string;
}

/** One layer 2 over all nodes: pods have interfaces on the docker network itself. */
export interface MacvlanPlan extends NetworkBase {
    type: "macvlan";
    clusterPrefix: number;
    /** The node's interface on the docker network. */
    master: "eth0";
    ipam: "host-local" | "static";
    /** Multicast group by which the proof shows that members, and no others, get what is sent to it. */
    group: string;
}

/** Cilium beside the primary network: one overlay in each cluster that joins, none between clusters. */
export interface CiliumPlan extends NetworkBase {
    type: "cilium";
    /** Prefix length of the range that Cilium gives each node. */
    nodePrefix: number;
    values: HelmValues;
}

/** Overrides of a chart's values, as the user wrote them. */
export type HelmValues = Record<string, unknown>;

export interface ClusterPlan {
    /** Logical name, such as `edge1`. */
    name: string;
    /** Name under which kind knows it. */
    kindName: string;
    index: number;
    podSubnet: string;
    serviceSubnet: string;
    /** Limit of each node's container, such as `4GiB`. */
    memory: string;
    primary: "kindnet" | "calico" | "cilium";
    kubeProxyMode: "iptables" | "nftables";
    /** There exactly if Calico is the primary network. */
    calico?: CalicoPlan;
    /** There exactly if Cilium is the primary network. */
    cilium?: { values: HelmValues };
    /** The networks that it joins, in their order, each with its interface in a pod that joins all: `net1`, `net2` ... */
    networks: { network: string; interface: string }[];
    /** By ordinal, the control plane first. */
    nodes: NodePlan[];
    /** Those that join the networks, then the plain ones. */
    demos: DemoPlan[];
}

export interface CalicoPlan {
    encapsulation: "VXLAN" | "IPIP" | "None";
    wireguard: boolean;
    values: HelmValues;
}

export interface NodePlan {
    /** Name of the container and of the Kubernetes node. */
    name: string;
    /** From 1. */
    ordinal: number;
    role: "control-plane" | "worker";
    /** To the networks that have a slice for each node: all types but cilium. */
    attachments: NodeAttachment[];
    /** To every slice of every other node, of ptp and bridge networks that both join. Shared between nodes: do not change. */
    routes: Route[];
    /** The node's own slices of these networks: what none of its pods has is answered here, and goes nowhere. */
    unreachable: string[];
}

export interface NodeAttachment {
    network: string;
    slice: string;
    /** First host of the slice: never a pod's. On a macvlan nobody has it. */
    gateway: string;
}

export interface Route {
    dst: string;
    /** Name of the node that owns the slice; its address may change. */
    via: string;
    network: string;
}

export interface DemoPlan {
    /** `demo1`, `demo2` ..., or `plain1`, `plain2` ... */
    name: string;
    /** Name of the node that it runs on. */
    node: string;
    /** In the order of its interfaces; none for a plain pod, which has the primary network only. */
    attachments: DemoAttachment[];
    /** Whether it joins a multicast group of any of its networks. */
    member: boolean;
}

export interface DemoAttachment {
    network: string;
    /** The node's slice, in which its address lies; Cilium decides its ranges itself. */
    slice?: string;
    /** Address with prefix length, where it is planned: `10.9.17.2/16`. */
    address?: string;
    /** Multicast groups that the pod joins on this network. */
    groups?: string[];
}

export interface PodRef {
    cluster: string;
    demo: string;
}

export type Protocol = "icmp" | "tcp" | "udp" | "large" | "bulk" | "unreachable" | "multicast";

/** What has to be so for the stack to be right. */
export interface Reachability {
    /** How the pairs of a network are asked, and in which range the addresses of a node's pods lie (if it is planned). */
    networks: { name: string; protocols: Protocol[]; slices: Record<string, string> }[];
    /** Every ordered pair of pods of a network: the one reaches the other. `primary` is the clusters' own network. */
    pairs: { from: PodRef; to: PodRef; network: string }[];
    /** Addresses of other nodes' slices that nobody has: whoever asks is told that they are unreachable. */
    free: { from: PodRef; cluster: string; node: string; network: string; address: string }[];
    /** Datagrams to a group, and whether that pod gets them: all if it is a member, none if not. */
    multicast: { from: PodRef; to: PodRef; network: string; group: string; member: boolean }[];
}

export function planTopology(topology: Topology, owner: Owner): Plan {
    const networks = topology.networks.map(planNetwork);
    const clusters = topology.clusters.map((cluster) =>
        planCluster(cluster, topology.networks, owner),
    );
    addRoutes(clusters, networks);
    return {
        ...owner,
        bridge: {
            name: bridgeName(owner),
            subnet: topology.bridge.subnet,
            gateway: firstHost(cidrOf(topology.bridge.subnet)),
        },
        networks,
        clusters,
        get reachability() {
            return expectedReachability(networks, clusters);
        },
    };
}

function planNetwork(network: NetworkTopology): NetworkPlan {
    const { name, cidr, mtu, clusters } = network;
    const base = { name, cidr, mtu, clusters };
    switch (network.type) {
        case "ptp":
            return { ...base, type: "ptp", clusterPrefix: network.clusterPrefix };
        case "bridge": {
            const { type, clusterPrefix } = network;
            return { ...base, type, clusterPrefix, device: bridgeDevice(name) };
        }
        case "macvlan": {
            const { type, clusterPrefix, ipam } = network;
            const group = multicastGroup(name);
            return { ...base, type, clusterPrefix, master: "eth0", ipam, group };
        }
        case "cilium": {
            const { type, nodePrefix, values } = network;
            return { ...base, type, nodePrefix, values };
        }
    }
}

function planCluster(
    cluster: ClusterTopology,
    networks: NetworkTopology[],
    owner: Owner,
): ClusterPlan {
    const { name, index, podSubnet, serviceSubnet, memory, primary, kubeProxyMode } = cluster;
    const { calico, cilium } = cluster;
    const kind = kindName(owner, name);
    const joined = networks.filter(({ clusters }) => clusters.includes(name));
    const blocks = joined.flatMap((network) => blockOf(network, index));
    const nodes = Array.from({ length: cluster.nodes }, (_, i) => planNode(kind, i + 1, blocks));
    return {
        name,
        kindName: kind,
        index,
        podSubnet,
        serviceSubnet,
        memory,
        primary,
        kubeProxyMode,
        ...(calico && { calico }),
        ...(cilium && { cilium }),
        networks: joined.map(({ name }, i) => ({ network: name, interface: `net${i + 1}` })),
        nodes,
        demos: planDemos(cluster, nodes, joined),
    };
}

/** A cluster's part of a network, of which each node gets a slice. */
interface Block {
    network: string;
    block: Cidr;
    nodePrefix: number;
    /** Whether nodes have routes to each other's slices. */
    routed: boolean;
}

function blockOf(network: NetworkTopology, index: number): Block[] {
    if (!isSliced(network)) return [];
    const { name, type, cidr, clusterPrefix, nodePrefix } = network;
    const block = nthBlock(cidrOf(cidr), clusterPrefix, index);
    return [{ network: name, block, nodePrefix, routed: isRouted(type) }];
}

function planNode(kind: string, ordinal: number, blocks: Block[]): NodePlan {
    const slices = blocks.map(({ network, block, nodePrefix, routed }) => {
        const slice = nthBlock(block, nodePrefix, ordinal);
        return { network, slice: formatCidr(slice), gateway: firstHost(slice), routed };
    });
    return {
        name: nodeName(kind, ordinal),
        ordinal,
        role: ordinal === 1 ? "control-plane" : "worker",
        attachments: slices.map(({ network, slice, gateway }) => ({ network, slice, gateway })),
        routes: [],
        unreachable: slices.flatMap(({ slice, routed }) => (routed ? [slice] : [])),
    };
}

/** Networks, clusters and nodes are in the order of their addresses, so their routes are as well. */
function addRoutes(clusters: ClusterPlan[], networks: NetworkPlan[]): void {
    const nodes = clusters.flatMap(({ nodes }) => nodes);
    for (const { name: network, type } of networks) {
        if (!isRouted(type)) continue;
        const joined = nodes.flatMap((node) => {
            const slice = node.attachments.find((each) => each.network === network)?.slice;
            return slice === undefined ? [] : [{ node, dst: slice }];
        });
        const all = joined.map(({ node, dst }) => ({ dst, via: node.name, network }));
        for (const { node } of joined) {
            node.routes.push(...all.filter(({ via }) => via !== node.name));
        }
    }
}
