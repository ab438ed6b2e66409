/** A demo pod, by logical cluster name and the value of its label `multinet.dev/demo`. */
export type PodRef = { cluster: string; demo: string };

/** See ReachabilityMatrixArgs in sdk.ts. */
export type MatrixInputs = {
    clusters: MatrixCluster[];
    namespace: string;
    /** Pods of which the one has to reach the other. */
    pairs: { from: PodRef; to: PodRef; network: string }[];
    /** Addresses that nobody has: the node that owns the slice has to say so. */
    free: { from: PodRef; cluster: string; node: string; network: string; address: string }[];
};

export type MatrixCluster = {
    name: string;
    kubeconfigPath: string;
    ca: string;
    nodeAddresses: Record<string, string>;
};

export function podKey({ cluster, demo }: PodRef): string {
    return `${cluster}/${demo}`;
}
