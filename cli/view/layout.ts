import { GAP, placeRow, sized, type ClusterBox, type Sized } from "./placing.ts";
import type { Box, Scenery } from "./scenery.ts";
import { wire, type Wiring } from "./wiring.ts";

/**
 * Where everything is. Clusters hang from a backplane, the docker network that all nodes share, above and below it;
 * along it runs a rail for each network.
 */
export interface Layout extends Wiring {
    width: number;
    height: number;
    /** For what the picture as a whole says. */
    caption: Box;
    backplane: Box;
    /** The backplane's own text. */
    title: Box;
    rails: { network: string; label: Box }[];
    clusters: ClusterBox[];
}

/** In how many rows the clusters are, and how many nodes of one stand above each other. */
interface Arrangement {
    rows: 1 | 2;
    perColumn: number;
}

const MARGIN = 20;

/** Of the column at the left, which has the caption and the labels of the rails. */
const LEFT = 260;
const CAPTION_HEIGHT = 132;
const RAIL = { title: 36, height: 28, padding: 8 };
const INSET = 14;

/** The room on a screen that a picture fills, or is made smaller for. */
const SCREEN = { width: 1240, height: 760 };

/** The layout that can be shown largest. A pure function of the scenery, which has a cluster, and each cluster a node. */
export function layout(scenery: Scenery): Layout {
    const most = Math.max(...scenery.clusters.map(({ nodes }) => nodes.length));
    const rows: Arrangement["rows"][] = scenery.clusters.length > 1 ? [1, 2] : [1];
    const all = rows.flatMap((rows) =>
        Array.from({ length: most }, (_, i) => ({ rows, perColumn: i + 1 })),
    );
    return all
        .map((arrangement) => arrange(scenery, arrangement))
        .reduce((best, one) => (scaleOf(one) > scaleOf(best) ? one : best));
}

function scaleOf({ width, height }: Layout): number {
    return Math.min(1, SCREEN.width / width, SCREEN.height / height);
}

function arrange(scenery: Scenery, { rows, perColumn }: Arrangement): Layout {
    const { networks } = scenery;
    const all = scenery.clusters.map((cluster) => sized(cluster, scenery, perColumn));
    const half = Math.ceil(all.length / rows);
    const [above, below] = [all.slice(0, half), all.slice(half)];
    const left = MARGIN + LEFT;
    const width = left + Math.max(across(above), across(below)) + MARGIN;
    const backplane: Box = {
        x: MARGIN,
        y: MARGIN + Math.max(tallest(above), CAPTION_HEIGHT) + GAP,
        width: width - 2 * MARGIN,
        height: RAIL.title + RAIL.height * networks.length + RAIL.padding,
    };
    const bottom = backplane.y + backplane.height;
    const clusters = [
        ...placeRow(above, left, backplane.y - GAP, true),
        ...placeRow(below, left, bottom + GAP, false),
    ];
    const railAt = (i: number) => backplane.y + RAIL.title + RAIL.height * (i + 0.5);
    const joined = networks.flatMap(({ name, reach }, i) =>
        reach === "stack" ? [[name, railAt(i)] as const] : [],
    );
    const label = { x: backplane.x + INSET, width: LEFT - 2 * INSET };
    return {
        width,
        height: bottom + (below.length > 0 ? GAP + tallest(below) : 0) + MARGIN,
        caption: { x: MARGIN, y: MARGIN, width: LEFT - GAP, height: CAPTION_HEIGHT },
        backplane,
        title: {
            x: label.x,
            y: backplane.y + 6,
            width: label.width,
            height: RAIL.title - 8,
        },
        rails: networks.map(({ name }, i) => ({
            network: name,
            label: { ...label, y: railAt(i) - RAIL.height / 2 + 1, height: RAIL.height - 2 },
        })),
        clusters,
        ...wire(clusters, new Map(joined), label.x + label.width),
    };
}

function across(row: Sized[]): number {
    return row.reduce((sum, { width }) => sum + width + GAP, -GAP);
}

function tallest(row: Sized[]): number {
    return Math.max(0, ...row.map(({ height }) => height));
}
