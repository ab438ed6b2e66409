import type { Cluster } from "./cluster.ts";
import type { Pod } from "./pod.ts";

const CHOICE = ["--namespace", "kube-system", "--selector", "k8s-app=kube-dns"];

/** The pods of the cluster's DNS: another uid is another pod, whatever its restarts say. */
export async function kubeDns(cluster: Cluster): Promise<Pick<Pod, "name" | "uid" | "restarts">[]> {
    const pods = (await cluster.pods(...CHOICE)).map(({ name, uid, restarts }) => ({
        name,
        uid,
        restarts,
    }));
    return pods.sort((a, b) => a.name.localeCompare(b.name));
}

/** For `until`: whether that many are there and ready, and none is on its way out. */
export async function kubeDnsIsReady(cluster: Cluster, count: number): Promise<true | string> {
    const pods = await cluster.pods(...CHOICE);
    const settled = pods.every(({ ready, terminating }) => ready && !terminating);
    return (settled && pods.length === count) || `kube-dns: ${JSON.stringify(pods)}`;
}
