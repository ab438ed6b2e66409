import type { ExpectedMatrix, PodRef } from "../../plan/plan.ts";

export type { PodRef, Protocol } from "../../plan/plan.ts";

/** What the plan expects, and where to ask; see ReachabilityMatrixArgs in sdk.ts. Older states lack what is optional. */
export type MatrixInputs = Omit<ExpectedMatrix, "unique" | "scope"> &
    Partial<Pick<ExpectedMatrix, "unique" | "scope">> & {
        clusters: MatrixCluster[];
        namespace: string;
    };

export type MatrixCluster = {
    name: string;
    kubeconfigPath: string;
    ca: string;
    /** Those that the nodes had last: other ones are measured again. The matrix asks the API for those that count. */
    nodeAddresses: Record<string, string>;
};

export function podKey({ cluster, demo }: PodRef): string {
    return `${cluster}/${demo}`;
}
