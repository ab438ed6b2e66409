import { PRIMARY } from "./names.ts";
import type { ClusterPlan, NetworkPlan } from "./plan.ts";

/** How many names a summary lists; the rest is a number. */
const LISTED = 3;

/** What the summary says of a matrix that leaves something out. Empty if it leaves out nothing. */
export function scopeOf({
    asked,
    total,
    networks,
    clusters,
}: {
    asked: number;
    total: number;
    networks: NetworkPlan[];
    clusters: ClusterPlan[];
}): string {
    const missing = [
        ...networks.flatMap((network) => nodesWithoutPods(network, clusters)),
        ...primaries(clusters),
    ];
    const number = new Intl.NumberFormat("en");
    return [
        ...(asked < total
            ? [
                  `${number.format(asked)} of ${number.format(total)} pairs, covering every pod, every ordered pair of nodes and every network`,
              ]
            : []),
        ...(missing.length > 0 ? [`not measured: ${missing.join(", ")}`] : []),
    ].join("; ");
}

/** Nodes that carry a network and have no demo pod there. */
function nodesWithoutPods({ name }: NetworkPlan, clusters: ClusterPlan[]): string[] {
    const nodes = clusters
        .filter(({ networks }) => networks.some(({ network }) => network === name))
        .flatMap(({ nodes, demos }) => {
            const joined = demos.filter(({ attachments }) =>
                attachments.some(({ network }) => network === name),
            );
            const used = new Set(joined.map(({ node }) => node));
            return nodes.filter((node) => !used.has(node.name)).map((node) => node.name);
        });
    return nodes.length === 0 ? [] : [`${name} on ${list(nodes)} (no demo pod)`];
}

/** Clusters of which no pair uses their own network. */
function primaries(clusters: ClusterPlan[]): string[] {
    const without = clusters
        .filter(
            ({ demos }) =>
                demos.length < 2 || demos.every(({ attachments: { length } }) => length > 0),
        )
        .map(({ name }) => name);
    if (without.length === 0) {
        return [];
    }
    const where = without.length === clusters.length ? "" : ` of ${list(without)}`;
    return [`the ${PRIMARY} network${where} (no plain pod)`];
}

function list(names: string[]): string {
    const more = names.length - LISTED;
    return [...names.slice(0, LISTED), ...(more > 0 ? [`${more} more`] : [])].join(" and ");
}
