import type { ClusterPlan, NodePlan, Plan } from "./plan.ts";

/** What Cilium gave a node, by node name: the range of its pods, and the address of its router there. */
export type CiliumRanges = Record<string, { range: string; router: string }>;

/**
 * The picture of a plan as Mermaid text: clusters with their nodes, slices and demo pods, all nodes on one bridge.
 * Every name in it is made of letters, digits and dashes, so nothing needs escaping.
 */
export function topologyDiagram(plan: Plan, ranges: CiliumRanges = {}): string {
    const networks = plan.networks.map(({ name, cidr }) => `${name} ${cidr}`);
    return [
        "flowchart LR",
        `    bridge{{"${[`${plan.bridge.name} ${plan.bridge.subnet}`, ...networks].join("<br/>")}"}}`,
        ...plan.clusters.flatMap((cluster) => clusterLines(cluster, ranges)),
        "",
    ].join("\n");
}

function clusterLines(cluster: ClusterPlan, ranges: CiliumRanges): string[] {
    return [
        `    subgraph c${cluster.index}["${cluster.name}"]`,
        ...cluster.nodes.flatMap((node) => nodeLines(cluster, node, ranges)),
        "    end",
        ...cluster.nodes.map((node) => `    ${nodeId(cluster, node)} --- bridge`),
    ];
}

function nodeLines(cluster: ClusterPlan, node: NodePlan, ranges: CiliumRanges): string[] {
    const id = nodeId(cluster, node);
    const label = [node.name, ...networkLines(cluster, node, ranges[node.name])];
    return [
        `        ${id}["${label.join("<br/>")}"]`,
        ...cluster.demos
            .filter((demo) => demo.node === node.name)
            .map(({ name }) => `        c${cluster.index}${name}(["${name}"]) --- ${id}`),
    ];
}

/** The node's part of every network. kindnet goes without saying: it is kind's own. */
function networkLines(
    { primary, podSubnet, networks }: ClusterPlan,
    { attachments }: NodePlan,
    cilium: CiliumRanges[string] | undefined,
): string[] {
    const given = cilium && `${cilium.range}, router ${cilium.router}`;
    const slices = new Map(attachments.map(({ network, slice }) => [network, slice]));
    return [
        ...(primary === "calico" ? [`calico ${podSubnet}`] : []),
        ...(primary === "cilium" ? [`cilium ${given ?? podSubnet}`] : []),
        ...networks.map(({ network }) =>
            [network, slices.get(network) ?? given].filter(Boolean).join(" "),
        ),
    ];
}

function nodeId(cluster: ClusterPlan, node: NodePlan): string {
    return `c${cluster.index}n${node.ordinal}`;
}
