import { kubeconfigOf } from "../kind/kubeconfigFile.ts";
import { KubeApi } from "../kube/api.ts";
import type { MatrixNetwork } from "../../plan/plan.ts";
import type { MatrixCluster, MatrixInputs } from "./inputs.ts";
import { nodeAddresses } from "./nodes.ts";
import { demoPods } from "./pods.ts";
import type { Pod } from "./pods.ts";

/** By the cluster's logical name. */
export type Apis = Map<string, KubeApi>;

/** What is known of the clusters while a question is asked. */
export interface Scene {
    /** By `cluster/demo`; those that run. */
    pods: Map<string, Pod>;
    /** By node name, as the nodes have them now. */
    nodeAddresses: Record<string, string>;
    /** By name. */
    networks: Map<string, MatrixNetwork>;
}

/** Nothing can be said about any cell, as a cluster cannot be asked. */
export class Unmeasurable extends Error {}

/** The APIs of all clusters; each request is tried again for `timeout` milliseconds. */
export async function apisOf(
    clusters: MatrixCluster[],
    options: { signal: AbortSignal; timeout: number },
): Promise<Apis> {
    const apis: Apis = new Map();
    for (const cluster of clusters) {
        const kubeconfig = await kubeconfigOf(cluster);
        if (kubeconfig === undefined) {
            throw new Unmeasurable(
                `${cluster.kubeconfigPath} is not the kubeconfig of cluster ${cluster.name} (any more); ` +
                    "`pulumi up` writes it again",
            );
        }
        apis.set(cluster.name, new KubeApi(kubeconfig, options));
    }
    return apis;
}

/** What runs now, and under which addresses. */
export async function lookAround(
    { namespace, networks }: MatrixInputs,
    apis: Apis,
    signal: AbortSignal,
): Promise<Scene> {
    const found = await Promise.all(
        [...apis].map(async ([cluster, api]) => {
            try {
                return await Promise.all([demoPods(api, cluster, namespace), nodeAddresses(api)]);
            } catch (error) {
                signal.throwIfAborted();
                throw new Unmeasurable(`cluster ${cluster}: ${(error as Error).message}`);
            }
        }),
    );
    return {
        pods: new Map(found.flatMap(([pods]) => [...pods])),
        nodeAddresses: Object.fromEntries(found.flatMap(([, nodes]) => Object.entries(nodes))),
        networks: new Map(networks.map((network) => [network.name, network])),
    };
}

/** The node that has an address itself. */
export function nodeOf(address: string, { nodeAddresses }: Scene): string | undefined {
    return Object.entries(nodeAddresses).find(([, own]) => own === address)?.[0];
}
