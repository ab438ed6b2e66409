import { relative } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { typeOf } from "../plan/networks/types.ts";
import type { ClusterPlan, NodePlan, NodeRanges, Plan } from "../plan/plan.ts";
import { primaryOf } from "../plan/primaries/types.ts";

/** What other programs, `npm run verify` and `npm run shell` read of a cluster. */
export interface ClusterOutputs {
    /** Absolute path of its kubeconfig file, which is for this machine. */
    kubeconfig: pulumi.Output<string>;
    /** URL of the API for the nodes and pods of all clusters. */
    api: pulumi.Output<string>;
    nodes: NodeOutputs[];
}

export interface NodeOutputs {
    name: string;
    /** On the bridge. */
    address: pulumi.Output<string | undefined>;
    /** By network: the node's part of it, where the plan decides that. */
    slices: Record<string, string>;
    /** By routed network: the node's own address in its slice, which is its pods' gateway. */
    routers: Record<string, string>;
    /** What the node was given at run time. */
    cilium?: pulumi.Output<NodeRanges[string] | undefined>;
}

/** What is known of a cluster only when it is there. */
export interface Facts {
    kubeconfigPath: pulumi.Output<string>;
    nodeAddresses: pulumi.Output<Record<string, string>>;
    ranges: pulumi.Output<NodeRanges>;
}

/** The port of the API server inside the control plane's container, as kind has it. */
const API_PORT = 6443;

export function clusterOutputs(plan: Plan, cluster: ClusterPlan, facts: Facts): ClusterOutputs {
    const { nodeAddresses, ranges } = facts;
    const [controlPlane] = cluster.nodes;
    return {
        kubeconfig: facts.kubeconfigPath,
        api: nodeAddresses.apply((all) => `https://${all[controlPlane!.name]}:${API_PORT}`),
        nodes: cluster.nodes.map((node) => ({
            name: node.name,
            address: nodeAddresses.apply((all) => all[node.name]),
            slices: attachmentsOf(node, ({ slice }) => slice),
            routers: attachmentsOf(node, ({ network, gateway }) =>
                isRouted(plan, network) ? gateway : undefined,
            ),
            ...(givesRanges(cluster, plan) && { cilium: ranges.apply((all) => all[node.name]) }),
        })),
    };
}

function attachmentsOf(
    { attachments }: NodePlan,
    value: (attachment: NodePlan["attachments"][number]) => string | undefined,
): Record<string, string> {
    return Object.fromEntries(
        attachments.flatMap((attachment) => {
            const found = value(attachment);
            return found === undefined ? [] : [[attachment.network, found]];
        }),
    );
}

function isRouted({ networks }: Plan, name: string): boolean {
    return networks.some((network) => network.name === name && typeOf(network).routed);
}

/** Whether something in the cluster gives its nodes ranges at run time. */
function givesRanges(cluster: ClusterPlan, { networks }: Plan): boolean {
    const joined = new Set(cluster.networks.map(({ network }) => network));
    return (
        primaryOf(cluster).givesRanges ||
        networks.some((network) => joined.has(network.name) && typeOf(network).division.isGiven)
    );
}

/** Commands to type next. */
export function nextCommands(
    { clusters }: Plan,
    outputs: Record<string, ClusterOutputs>,
): pulumi.Output<string[]> {
    const paths = Object.values(outputs).map(({ kubeconfig }) => kubeconfig);
    return pulumi
        .all(paths)
        .apply((all) => [
            ...all.map(
                (path) => `kubectl --kubeconfig ${relative(process.cwd(), path)} get pods -o wide`,
            ),
            ...clusters.flatMap(({ name, demos }) =>
                demos.slice(0, 1).map((demo) => `npm run shell ${name} ${demo.name}`),
            ),
            "npm run verify",
        ]);
}
