import type { ClusterPlan, NodePlan, NodeRanges, Plan } from "./plan.ts";
import { primaryOf } from "./primaries/types.ts";

/**
 * The picture of a plan as Mermaid text: clusters with their nodes, slices and demo pods, all nodes on one bridge.
 * Every name in it is made of letters, digits and dashes, so nothing needs escaping.
 */
export function topologyDiagram(plan: Plan, ranges: NodeRanges = {}): string {
    const networks = plan.networks.map(({ name, cidr }) => `${name} ${cidr}`);
    return [
        "flowchart LR",
        `    bridge{{"${[`${plan.bridge.name} ${plan.bridge.subnet}`, ...networks].join("<br/>")}"}}`,
        ...plan.clusters.flatMap((cluster) => clusterLines(cluster, ranges)),
        "",
    ].join("\n");
}

function clusterLines(cluster: ClusterPlan, ranges: NodeRanges): string[] {
    return [
        `    subgraph c${cluster.index}["${cluster.name}"]`,
        ...cluster.nodes.flatMap((node) => nodeLines(cluster, node, ranges)),
        "    end",
        ...cluster.nodes.map((node) => `    ${nodeId(cluster, node)} --- bridge`),
    ];
}

function nodeLines(cluster: ClusterPlan, node: NodePlan, ranges: NodeRanges): string[] {
    const id = nodeId(cluster, node);
    const label = [node.name, ...networkLines(cluster, node, ranges[node.name])];
    return [
        `        ${id}["${label.join("<br/>")}"]`,
        ...cluster.demos
            .filter((demo) => demo.node === node.name)
            .map(({ name }) => `        c${cluster.index}${name}(["${name}"]) --- ${id}`),
    ];
}

/** The node's part of every network. What kind itself installs goes without saying. */
function networkLines(
    cluster: ClusterPlan,
    { attachments }: NodePlan,
    ranges: NodeRanges[string] | undefined,
): string[] {
    const { primary, podSubnet, networks } = cluster;
    const { installs, givesRanges } = primaryOf(cluster);
    const given = ranges && `${ranges.range}, router ${ranges.router}`;
    const slices = new Map(attachments.map(({ network, slice }) => [network, slice]));
    return [
        ...(installs ? [`${primary} ${(givesRanges && given) || podSubnet}`] : []),
        ...networks.map(({ network }) =>
            [network, slices.get(network) ?? given].filter(Boolean).join(" "),
        ),
    ];
}

function nodeId(cluster: ClusterPlan, node: NodePlan): string {
    return `c${cluster.index}n${node.ordinal}`;
}
