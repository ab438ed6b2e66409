import { PROBES } from "./probes.ts";
import type { Result } from "./round.ts";
import type { Scene } from "./scene.ts";

/**
 * The one node at which all begins or ends that does not pass on a network, though something passes elsewhere. Undefined if
 * there is none or more than one.
 */
export function culprit(results: Result[], network: string, scene: Scene): string | undefined {
    const asked = results.filter(
        ({ cell }) => cell.network === network && PROBES[cell.protocol].about === "pod",
    );
    const ends = asked.map(({ cell, seen }) => ({
        lost: seen.kind === "timeout" || seen.kind === "lost" || seen.kind === "icmp",
        nodes: [cell.from, cell.to].map((pod) => scene.pods.get(pod)?.node),
    }));
    const lost = ends.filter(({ lost }) => lost);
    const nodes = new Set(lost.flatMap(({ nodes }) => nodes));
    const common = [...nodes].filter((node) => lost.every(({ nodes }) => nodes.includes(node)));
    const passes = ends.some(({ lost, nodes }) => !lost && !nodes.includes(common[0]));
    return common.length === 1 && passes ? common[0] : undefined;
}
