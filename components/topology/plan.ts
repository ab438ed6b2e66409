import { cidrOf, firstHost, formatCidr, lastHost, nthBlock, type Cidr } from "./cidr.ts";
import { bridgeName, kindName, nodeName, type Owner } from "./names.ts";
import type { ClusterTopology, NetworkTopology, Topology } from "./topology.ts";

/** Every name, address and route of a stack. A pure function of its topology, project and stack. */
export interface Plan {
    project: string;
    stack: string;
    /** The docker network that all nodes share. */
    bridge: { name: string; subnet: string; gateway: string };
    networks: NetworkPlan[];
    /** By ascending index. */
    clusters: ClusterPlan[];
    /** Computed anew at every access: its size is quadratic in the number of demo pods. */
    readonly reachability: Reachability;
}

export interface NetworkPlan {
    name: string;
    type: "ptp";
    cidr: string;
    /** Prefix length of the block that each cluster has. */
    clusterPrefix: number;
    /** Bytes. */
    mtu: number;
    /** Name of the interface in a pod that joins all networks in this order: `net1`, `net2` ... */
    interface: string;
}

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
    /** By ordinal, the control plane first. */
    nodes: NodePlan[];
    demos: DemoPlan[];
}

export interface NodePlan {
    /** Name of the container and of the Kubernetes node. */
    name: string;
    /** From 1. */
    ordinal: number;
    role: "control-plane" | "worker";
    attachments: NodeAttachment[];
    /** To every slice of every other node. Shared between nodes: do not change. */
    routes: Route[];
    /** The node's own slices: what none of its pods has is answered here, and goes nowhere. */
    unreachable: string[];
}

export interface NodeAttachment {
    network: string;
    slice: string;
    /** First host of the slice. */
    gateway: string;
}

export interface Route {
    dst: string;
    /** Name of the node that owns the slice; its address may change. */
    via: string;
    network: string;
}

export interface DemoPlan {
    /** `demo1`, `demo2` ... */
    name: string;
    /** Name of the node that it runs on. */
    node: string;
    attachments: { network: string; slice: string }[];
}

export interface PodRef {
    cluster: string;
    demo: string;
}

/** What has to be so for the stack to be right. */
export interface Reachability {
    /** Every ordered pair of demo pods, on every network: the one reaches the other. */
    pairs: { from: PodRef; to: PodRef; network: string }[];
    /** Addresses of other nodes' slices that nobody has: whoever asks is told that they are unreachable. */
    free: { from: PodRef; cluster: string; node: string; network: string; address: string }[];
}

export function planTopology(topology: Topology, owner: Owner): Plan {
    const networks = topology.networks.map(({ name, type, cidr, clusterPrefix, mtu }, i) => ({
        name,
        type,
        cidr,
        clusterPrefix,
        mtu,
        interface: `net${i + 1}`,
    }));
    const clusters = topology.clusters.map((cluster) =>
        planCluster(cluster, topology.networks, owner),
    );
    addRoutes(
        clusters.flatMap(({ nodes }) => nodes),
        networks,
    );
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
            return reachability(networks, clusters);
        },
    };
}

function planCluster(
    cluster: ClusterTopology,
    networks: NetworkTopology[],
    owner: Owner,
): ClusterPlan {
    const { name, index, podSubnet, serviceSubnet, memory } = cluster;
    const kind = kindName(owner, name);
    const blocks = networks.map(({ name: network, cidr, clusterPrefix, nodePrefix }) => ({
        network,
        block: nthBlock(cidrOf(cidr), clusterPrefix, index),
        nodePrefix,
    }));
    const nodes = Array.from({ length: cluster.nodes }, (_, i) => planNode(kind, i + 1, blocks));
    const demos = Array.from({ length: cluster.demos }, (_, i) => {
        const node = nodes[i % nodes.length]!;
        return {
            name: `demo${i + 1}`,
            node: node.name,
            attachments: node.attachments.map(({ network, slice }) => ({ network, slice })),
        };
    });
    return { name, kindName: kind, index, podSubnet, serviceSubnet, memory, nodes, demos };
}

/** A cluster's part of a network, of which each node gets a slice. */
interface Block {
    network: string;
    block: Cidr;
    nodePrefix: number;
}

function planNode(kind: string, ordinal: number, blocks: Block[]): NodePlan {
    const attachments = blocks.map(({ network, block, nodePrefix }) => {
        const slice = nthBlock(block, nodePrefix, ordinal);
        return { network, slice: formatCidr(slice), gateway: firstHost(slice) };
    });
    return {
        name: nodeName(kind, ordinal),
        ordinal,
        role: ordinal === 1 ? "control-plane" : "worker",
        attachments,
        routes: [],
        unreachable: attachments.map(({ slice }) => slice),
    };
}

/** Networks, clusters and nodes are in the order of their addresses, so their routes are as well. */
function addRoutes(nodes: NodePlan[], networks: NetworkPlan[]): void {
    const all = networks.flatMap(({ name: network }, i) =>
        nodes.map(({ name: via, attachments }) => ({ dst: attachments[i]!.slice, via, network })),
    );
    for (const node of nodes) {
        node.routes = all.filter(({ via }) => via !== node.name);
    }
}

function reachability(networks: NetworkPlan[], clusters: ClusterPlan[]): Reachability {
    const pods = clusters.flatMap(({ name: cluster, demos }) =>
        demos.map(({ name: demo }) => ({ cluster, demo })),
    );
    return {
        pairs: networks.flatMap(({ name: network }) =>
            pods.flatMap((from) =>
                pods.filter((to) => to !== from).map((to) => ({ from, to, network })),
            ),
        ),
        free: clusters.flatMap((cluster, i) => {
            const next = clusters[(i + 1) % clusters.length]!;
            return cluster.demos.flatMap((demo, k) => freeAddresses(cluster, demo, next, k));
        }),
    };
}

/** In the next cluster, at its nodes in turn; with one cluster at its next node, so that a single node has none. */
function freeAddresses(
    cluster: ClusterPlan,
    demo: DemoPlan,
    next: ClusterPlan,
    k: number,
): Reachability["free"] {
    const node = next.nodes[(next === cluster ? k + 1 : k) % next.nodes.length]!;
    if (node.name === demo.node) return [];
    return node.attachments.map(({ network, slice }) => ({
        from: { cluster: cluster.name, demo: demo.name },
        cluster: next.name,
        node: node.name,
        network,
        address: lastHost(cidrOf(slice)),
    }));
}
