/** A demo pod, by logical cluster name and the value of its label `multinet.dev/demo`. */
export type PodRef = { cluster: string; demo: string };

/**
 * What is asked: one echo, a short conversation over TCP or UDP, one with large packets, a lot of bytes over TCP, an address that
 * nobody has, or datagrams to a group.
 */
export type Protocol = "icmp" | "large" | "tcp" | "bulk" | "udp" | "unreachable" | "multicast";

/** The network of a pod's own address, which the cluster's CNI gives. */
export const PRIMARY = "primary";

/** See ReachabilityMatrixArgs in sdk.ts. */
export type MatrixInputs = {
    clusters: MatrixCluster[];
    namespace: string;
    networks: MatrixNetwork[];
    /** Pods of which the one has to reach the other. */
    pairs: { from: PodRef; to: PodRef; network: string }[];
    /** Addresses that nobody has: the node that owns the slice has to say so. */
    free: { from: PodRef; cluster: string; node: string; network: string; address: string }[];
    /** Who sends to a group, and who has to get that (`member`) or must not. */
    multicast: { from: PodRef; to: PodRef; network: string; group: string; member: boolean }[];
};

export type MatrixCluster = {
    name: string;
    kubeconfigPath: string;
    ca: string;
    nodeAddresses: Record<string, string>;
};

export type MatrixNetwork = {
    name: string;
    /** What each of its pairs is asked, in this order. */
    protocols: Protocol[];
    /** Where the addresses of a node's pods lie, by node; nodes that are missing may give any. */
    slices: Record<string, string>;
};

export function podKey({ cluster, demo }: PodRef): string {
    return `${cluster}/${demo}`;
}
