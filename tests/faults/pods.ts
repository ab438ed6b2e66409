import type { Plan } from "../../plan/plan.ts";
import { Cluster } from "../cni/cluster.ts";
import type { Stack } from "../e2e/stack.ts";

/** The clusters of a plan, as their APIs show them. */
export function clustersOf(stack: Stack, plan: Plan): Cluster[] {
    return plan.clusters.map(({ name }) => new Cluster(stack, name));
}

/** uid of every pod, by cluster, namespace and name. */
export async function podUids(clusters: Cluster[]): Promise<Map<string, string>> {
    const all = await Promise.all(
        clusters.map(async (cluster) =>
            (await cluster.pods()).map(
                ({ namespace, name, uid }) =>
                    [`${cluster.name}/${namespace}/${name}`, uid] as const,
            ),
        ),
    );
    return new Map(all.flat());
}

/** Pods that were there before and are not any more, or are others, apart from those that may be. */
export function lostPods(
    before: Map<string, string>,
    now: Map<string, string>,
    spared: RegExp | undefined,
): string[] {
    return [...before]
        .filter(([name, uid]) => now.get(name) !== uid && !spared?.test(name))
        .map(([name]) => name);
}
