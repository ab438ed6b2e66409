/** Labels by which the things of a stack are known: on networks, node containers, Kubernetes nodes and pods. */
export const LABELS = {
    project: "multinet.dev/project",
    stack: "multinet.dev/stack",
    /** When the network was made. */
    made: "multinet.dev/made",
    /** Hash of what a node was made of. */
    spec: "multinet.dev/spec",
    /** Which demo a pod is of. */
    demo: "multinet.dev/demo",
    /** Another value recreates pods. */
    repair: "multinet.dev/repair",
} as const;
