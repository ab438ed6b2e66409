import type { AgentPlan } from "./agentPlan.ts";
import type { PROTOCOLS } from "./expectedMatrix.ts";

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
    /** The expected matrix. */
    reachability: ExpectedMatrix;
}

/** What the plan has of every network; more is its type's own affair. */
export interface NetworkPlan {
    name: string;
    cidr: string;
    /** Bytes, where they are known. */
    mtu?: number;
    /** Logical names of the clusters that join it, in their order. */
    clusters: string[];
    type: string;
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
    /** Name of its own network's type. */
    primary: string;
    kubeProxyMode: "iptables" | "nftables";
    /** Of its own network; its type knows what is in it. Left out where there is nothing to set. */
    settings?: object;
    /** The networks that it joins, in their order, each with its interface in a pod that joins all: `net1`, `net2` ... */
    networks: { network: string; interface: string }[];
    /** By ordinal, the control plane first. */
    nodes: NodePlan[];
    /** Those that join the networks, then the plain ones. */
    demos: DemoPlan[];
    /** What the agents of its nodes keep equal to the plan. */
    agents: AgentPlan;
}

export interface NodePlan {
    /** Name of the container and of the Kubernetes node. */
    name: string;
    /** From 1. */
    ordinal: number;
    role: "control-plane" | "worker";
    /** To the networks that have a slice for each node by the plan. */
    attachments: NodeAttachment[];
    /** To every slice of every other node, of routed networks that both join. Shared between nodes: do not change. */
    routes: Route[];
    /** The node's own slices of these networks: what none of its pods has is answered here, and goes nowhere. */
    unreachable: string[];
}

export interface NodeAttachment {
    network: string;
    slice: string;
    /** First host of the slice: never a pod's. */
    gateway: string;
}

/** What was given to nodes at run time, by node name: the range of its pods, and the address of its router there. */
export type NodeRanges = Record<string, { range: string; router: string }>;

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
    /** The node's slice, in which its address lies, where the plan decides that. */
    slice?: string;
    /** Address with prefix length, where it is planned: `10.9.17.2/16`. */
    address?: string;
    /** Multicast groups that the pod joins on this network. */
    groups?: string[];
}

/** A demo pod, by the names of its cluster and of its demo. */
export type PodRef = { cluster: string; demo: string };

export type Protocol = (typeof PROTOCOLS)[number];

/** What must be so for the stack to be right. */
export type ExpectedMatrix = {
    networks: MatrixNetwork[];
    /**
     * Ordered pairs of pods of a network: the one reaches the other. All of them, or of very many those that `chosenPairs`
     * names. `primary` is the clusters' own network.
     */
    pairs: { from: PodRef; to: PodRef; network: string }[];
    /** Addresses of other nodes' slices that no pod has: whoever asks is told that they are unreachable. */
    free: { from: PodRef; cluster: string; node: string; network: string; address: string }[];
    /** Datagrams to a group, and whether that pod gets them: all if it is a member, none if not. */
    multicast: { from: PodRef; to: PodRef; network: string; group: string; member: boolean }[];
    /** Pods on a layer 2 that others share: nothing but the plan keeps their addresses apart. */
    unique: { pod: PodRef; network: string }[];
    /** How many of all pairs that are, and what of the stack nothing is asked of, in words; empty if nothing is left out. */
    scope: string;
};

/** How the pairs of a network are asked, and in which range the addresses of a node's pods lie (if it is planned). */
export type MatrixNetwork = {
    name: string;
    /** What each of its pairs is asked, in this order. */
    protocols: Protocol[];
    /** By node; nodes that are missing may give any address. */
    slices: Record<string, string>;
    /** Bytes that must pass in one piece, where that is planned. */
    mtu?: number;
    /** Its packets are wrapped up between nodes, which have no routes to it. */
    overlay?: boolean;
};
