import { conflist } from "./conflist.ts";
import { typeOf } from "./networks/types.ts";
import type { NetworkPlan, NodePlan, Plan } from "./plan.ts";
import { plural, problem, type Problem } from "./problem.ts";

/** What the node agents of a cluster are told: values of the chart node-agent, which become one ConfigMap. */
export interface AgentPlan {
    /** CIDR that holds the addresses of all nodes. */
    nodesNetwork: string;
    /** CIDRs of the networks whose packets nodes route: inside one of them a packet keeps its source address. */
    exempt: string[];
    /** What nodes answer for as unreachable, with the metric of those routes: a better one, to a slice, wins. */
    unreachable: { metric: number; cidrs: string[] };
    /** The slices of these networks of every node that joins them, by the node's name; written once for all nodes. */
    slices: Record<string, string[]>;
    /** Of this cluster, by name. */
    nodes: Record<string, { attachments: { network: string; conflist: object }[] }>;
}

/** Metric of routes to what no pod has; that of a route to a slice is 0. */
const UNREACHABLE_METRIC = 4096;

/** Bytes that the plan may take: a ConfigMap holds 1 MiB, of which the agent's own files get a part. */
export const AGENT_PLAN_LIMIT = 960 * 1024;

/** `networks` are those that the cluster joins; the routes of its nodes are known. */
export function agentPlan(
    nodesNetwork: string,
    networks: NetworkPlan[],
    nodes: NodePlan[],
): AgentPlan {
    const routed = networks
        .filter((network) => typeOf(network).routed)
        .map((network) => network.cidr);
    return {
        nodesNetwork,
        exempt: routed,
        // What belongs to no slice must not leave by the default route.
        unreachable: { metric: UNREACHABLE_METRIC, cidrs: routed },
        slices: slicesOf(nodes),
        nodes: Object.fromEntries(
            nodes.map((node) => [node.name, { attachments: attachments(node, networks) }]),
        ),
    };
}

/** One problem for each cluster whose plan no ConfigMap can hold. */
export function agentPlanProblems(plan: Plan): Problem[] {
    return plan.clusters.flatMap((cluster) => {
        const bytes = Buffer.byteLength(JSON.stringify(cluster.agents));
        if (bytes <= AGENT_PLAN_LIMIT) {
            return [];
        }
        const { name, nodes, networks } = cluster;
        const slices = Object.values(cluster.agents.slices).flat().length;
        return problem(["clusters", name, "nodes"], nodes.length, {
            reason: `What the agents of its nodes are told takes ${kib(bytes)}, and a ConfigMap holds ${kib(AGENT_PLAN_LIMIT)} of it: ${plural(nodes.length, "node")} with ${plural(networks.length, "network")} each, and ${plural(slices, "slice")} of all nodes.`,
            fix: "Take fewer nodes, or let this cluster join fewer networks (networks.NAME.clusters).",
        });
    });
}

/** A node has routes to all slices but its own, which it answers for; so one node knows all of them. */
function slicesOf([node]: NodePlan[]): Record<string, string[]> {
    const slices: Record<string, string[]> = {};
    if (node) {
        slices[node.name] = node.unreachable;
        for (const { dst, via } of node.routes) {
            (slices[via] ??= []).push(dst);
        }
    }
    return slices;
}

function attachments(node: NodePlan, networks: NetworkPlan[]) {
    return networks.map((network) => {
        const own = node.attachments.find((each) => each.network === network.name);
        return { network: network.name, conflist: conflist(network, own) };
    });
}

function kib(bytes: number): string {
    return `${Math.ceil(bytes / 1024)} KiB`;
}
