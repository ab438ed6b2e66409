/** A demo pod, by logical cluster name and the value of its label `multinet.dev/demo`. */
export type PodRef = { cluster: string; demo: string };

/**
 * What is asked: some echoes, short conversations over TCP or UDP, large packets, a lot of bytes over TCP, an address that
 * no pod has, datagrams to a group, or whether something else on the link has the pod's own address.
 */
export type Protocol =
    "icmp" | "large" | "tcp" | "bulk" | "udp" | "unreachable" | "multicast" | "unique";

/** The network of a pod's own address, which the cluster's CNI gives. */
export const PRIMARY = "primary";

/** See ReachabilityMatrixArgs in sdk.ts. */
export type MatrixInputs = {
    clusters: MatrixCluster[];
    namespace: string;
    networks: MatrixNetwork[];
    /** Pods of which the one must reach the other. */
    pairs: { from: PodRef; to: PodRef; network: string }[];
    /** Addresses that no pod has: the node that owns the slice must say so. */
    free: { from: PodRef; cluster: string; node: string; network: string; address: string }[];
    /** Who sends to a group, and who must get that (`member`) or must not. */
    multicast: { from: PodRef; to: PodRef; network: string; group: string; member: boolean }[];
    /** Pods whose address on a network nothing else may have, though nothing else keeps it from that. */
    unique?: { pod: PodRef; network: string }[];
    /** How much of the stack that is, and what it leaves out, in words for the summary. */
    scope?: string;
};

export type MatrixCluster = {
    name: string;
    kubeconfigPath: string;
    ca: string;
    /** Those that the nodes had last: other ones are measured again. The matrix asks the API for those that count. */
    nodeAddresses: Record<string, string>;
};

export type MatrixNetwork = {
    name: string;
    /** What each of its pairs is asked, in this order. */
    protocols: Protocol[];
    /** Where the addresses of a node's pods lie, by node; nodes that are missing may give any. */
    slices: Record<string, string>;
    /** Bytes that must pass in one piece; where it is missing, fragments must only. */
    mtu?: number;
    /** Nodes do not route it: an agent on each of them wraps up what its pods send. */
    overlay?: boolean;
};

export function podKey({ cluster, demo }: PodRef): string {
    return `${cluster}/${demo}`;
}
