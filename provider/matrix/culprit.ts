import type { Scene } from "./cells.ts";
import type { Result } from "./round.ts";

/**
 * The one node at which all begins or ends that does not pass on a network, though something passes elsewhere. Undefined if
 * there is none or more than one.
 */
export function culprit(results: Result[], network: string, scene: Scene): string | undefined {
    const asked = results.filter(
        ({ cell, question }) =>
            cell.network === network &&
            cell.protocol !== "unique" &&
            !question.free &&
            !question.multicast,
    );
    const ends = asked.map(({ cell, finding }) => ({
        lost: finding.kind === "timeout" || finding.kind === "lost" || finding.kind === "icmp",
        nodes: [cell.from, cell.to].map((pod) => scene.pods.get(pod)?.node),
    }));
    const lost = ends.filter(({ lost }) => lost);
    const nodes = new Set(lost.flatMap(({ nodes }) => nodes));
    const common = [...nodes].filter((node) => lost.every(({ nodes }) => nodes.includes(node)));
    const passes = ends.some(({ lost, nodes }) => !lost && !nodes.includes(common[0]));
    return common.length === 1 && passes ? common[0] : undefined;
}
