import type { Plan } from "../../../plan/plan.ts";
import { podOf, type ApiPod, type Pod } from "../../cni/pod.ts";
import type { Stack } from "../../e2e/stack.ts";
import { docker } from "../converged.ts";
import type { Random } from "../random.ts";

/** A node of the stack, with its slice of the extra network. */
export interface Place {
    cluster: string;
    node: string;
    slice: string;
}

/** What faults are made on: the nodes, the pods on them, and ways to reach inside. */
export class Scene {
    readonly places: Place[];
    private readonly stack: Stack;

    constructor(stack: Stack, plan: Plan) {
        this.stack = stack;
        this.places = plan.clusters.flatMap((cluster) =>
            cluster.nodes.map(({ name, attachments: [attachment] }) => ({
                cluster: cluster.name,
                node: name,
                slice: attachment!.slice,
            })),
        );
    }

    on(node: string, script: string): Promise<string> {
        return docker("exec", node, "bash", "-c", script);
    }

    kubectl(cluster: string, ...args: string[]): Promise<string> {
        return this.stack.kubectl(cluster, args);
    }

    /** The demo pods of a node that run. */
    async pods({ cluster, node }: Place): Promise<Pod[]> {
        const text = await this.kubectl(
            cluster,
            ...["get", "pods", "--selector", "app.kubernetes.io/name=demo", "--output", "json"],
        );
        const pods = (JSON.parse(text) as { items: ApiPod[] }).items.map(podOf);
        return pods
            .filter((pod) => pod.node === node && pod.running && !pod.terminating)
            .sort((a, b) => (a.name < b.name ? -1 : 1));
    }

    async pod(place: Place, random: Random): Promise<Pod> {
        return random.pick(await this.pods(place));
    }

    /** Runs a command in the network namespace of a pod, with the rights of the node. */
    inPod({ node }: Place, pod: Pod, command: string): Promise<string> {
        return this.on(node, `${namespaceOf(pod.addresses["eth0"]!)}\n${command}`);
    }
}

/** Defines `inside`, which runs a command in the network namespace that has this address. */
function namespaceOf(address: string): string {
    return `
        for name in $(ip netns list | cut -d" " -f1); do
            if nsenter --net="/run/netns/$name" ip -4 -oneline address show dev eth0 | grep -qF " ${address}/"; then
                namespace=$name
            fi
        done
        inside() { nsenter --net="/run/netns/$namespace" "$@"; }`;
}
