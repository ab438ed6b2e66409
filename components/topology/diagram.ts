import type { ClusterPlan, NodePlan, Plan } from "./plan.ts";

/**
 * The picture of a plan as Mermaid text: clusters with their nodes, slices and demo pods, all nodes on one bridge.
 * Every name in it is made of letters, digits and dashes, so nothing needs escaping.
 */
export function topologyDiagram(plan: Plan): string {
    const networks = plan.networks.map(({ name, cidr }) => `${name} ${cidr}`);
    return [
        "flowchart LR",
        `    bridge{{"${[`${plan.bridge.name} ${plan.bridge.subnet}`, ...networks].join("<br/>")}"}}`,
        ...plan.clusters.flatMap(clusterLines),
        "",
    ].join("\n");
}

function clusterLines(cluster: ClusterPlan): string[] {
    return [
        `    subgraph c${cluster.index}["${cluster.name}"]`,
        ...cluster.nodes.flatMap((node) => nodeLines(cluster, node)),
        "    end",
        ...cluster.nodes.map((node) => `    ${nodeId(cluster, node)} --- bridge`),
    ];
}

function nodeLines(cluster: ClusterPlan, node: NodePlan): string[] {
    const slices = node.attachments.map(({ network, slice }) => `${network} ${slice}`);
    const demos = cluster.demos.filter((demo) => demo.node === node.name);
    return [
        `        ${nodeId(cluster, node)}["${[node.name, ...slices].join("<br/>")}"]`,
        ...demos.map(
            ({ name }) =>
                `        c${cluster.index}${name}(["${name}"]) --- ${nodeId(cluster, node)}`,
        ),
    ];
}

function nodeId(cluster: ClusterPlan, node: NodePlan): string {
    return `c${cluster.index}n${node.ordinal}`;
}
