import type { ParsedConfig } from "../config/parsedConfig.ts";
import type { NetworkConfig } from "../networks/networkType.ts";
import { typeOf } from "../networks/types.ts";
import { problem, type Problem } from "../problem.ts";
import { joins } from "../config/topology.ts";

/** Most ordered pairs of nodes that share a network: each is measured in every preview, and stands in the state. */
const MOST_NODE_PAIRS = 20_000;

/** Nodes of a network for which the matrix would be larger than can be measured or recorded. */
export function matrixProblems({ clusters, networks }: ParsedConfig): Problem[] {
    const measured = [...networks].filter(([, network]) => typeOf(network).measured);
    const sizes = measured.map(([name, network]) => {
        const nodes = [...clusters].flatMap(([cluster, { nodes }]) =>
            joins(network, cluster) ? nodes : [],
        );
        return {
            name,
            nodes: nodes.reduce((sum, n) => sum + n, 0),
            pairs: pairsOf(network, nodes),
        };
    });
    const all = sizes.reduce((sum, { pairs }) => sum + pairs, 0);
    const [largest] = sizes.sort((a, b) => b.pairs - a.pairs);
    if (!largest || all <= MOST_NODE_PAIRS) {
        return [];
    }
    const { name, nodes } = largest;
    const number = new Intl.NumberFormat("en");
    const most = Math.floor(Math.sqrt(MOST_NODE_PAIRS));
    return [
        problem(
            ["networks", name],
            { nodes },
            {
                reason: `The networks connect ${number.format(all)} ordered pairs of nodes, and the matrix must measure each of them in every preview; it can at most ${number.format(MOST_NODE_PAIRS)}, which is one network of ${most} nodes.`,
                fix: `Let fewer clusters join: networks.${name}.clusters. This network has the most pairs.`,
            },
        ),
    ];
}

function pairsOf(network: NetworkConfig, clusters: number[]): number {
    const square = (n: number) => n * (n - 1);
    return typeOf(network).reach === "stack"
        ? square(clusters.reduce((sum, n) => sum + n, 0))
        : clusters.reduce((sum, n) => sum + square(n), 0);
}
