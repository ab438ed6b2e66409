import type { Artifact, Cost } from "./artifact.ts";

/** What the clusters themselves take on disk, in GiB. */
const CLUSTERS = 4;

/** What it takes to make these artifacts and to run clusters with them. */
export function cost(artifacts: Artifact[]): Cost {
    const costs = [...new Set(artifacts.map(({ cost }) => cost))];
    const total = (key: "disk" | "minutes") => costs.reduce((sum, cost) => sum + cost[key], 0);
    return {
        build: costs.some(({ build }) => build),
        disk: CLUSTERS + total("disk"),
        minutes: total("minutes"),
    };
}
