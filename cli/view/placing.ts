import type { Box, Scenery, SceneryCluster, SceneryNode } from "./scenery.ts";

export interface NodeBox {
    name: string;
    box: Box;
    header: Box;
    rows: { network: string; box: Box }[];
    pods: { name: string; box: Box }[];
}

export interface ClusterBox {
    name: string;
    box: Box;
    header: Box;
    /** Nodes that stand above each other. */
    columns: NodeBox[][];
    /** Networks that end with the cluster and come to several columns, with the height of the bus that joins these. */
    buses: { network: string; y: number }[];
    /** Whether it hangs above the backplane. */
    isAbove: boolean;
}

/** Between clusters, and between clusters and the backplane. */
export const GAP = 20;

// All widths are multiples of the step between risers: so those from above and from below never run in one another.
const CLUSTER = { padding: 15, header: 46, gap: 20, bus: 10 };
const NODE = { width: 230, padding: 10, header: 42, row: 18, gap: 14 };
const POD = { height: 22, gap: 6, perRow: 2 };

/** Left of the nodes of a column, where the lines of its networks run. */
const GUTTER = { step: 10, edge: { above: 10, below: 15 } };

/** A cluster whose size is known. */
export interface Sized {
    cluster: SceneryCluster;
    columns: SceneryNode[][];
    buses: string[];
    width: number;
    height: number;
}

/** A cluster with at most so many nodes above each other. */
export function sized(cluster: SceneryCluster, { networks }: Scenery, perColumn: number): Sized {
    const { nodes } = cluster;
    const each = Math.ceil(nodes.length / Math.max(1, Math.ceil(nodes.length / perColumn)));
    const columns = Array.from({ length: Math.ceil(nodes.length / each) }, (_, i) =>
        nodes.slice(i * each, (i + 1) * each),
    );
    const within = networks.filter(({ reach }) => reach === "cluster").map(({ name }) => name);
    const buses = columns.length > 1 ? cluster.networks.filter((one) => within.includes(one)) : [];
    const { padding, header, gap, bus } = CLUSTER;
    const heights = columns.map(
        (column) => sum(column.map((node) => nodeHeight(cluster, node) + NODE.gap)) - NODE.gap,
    );
    return {
        cluster,
        columns,
        buses,
        width: 2 * padding + columns.length * (columnWidth(cluster) + gap) - gap,
        height: header + Math.max(...heights) + padding + bus * buses.length,
    };
}

function columnWidth({ networks }: SceneryCluster): number {
    return NODE.width + (networks.length > 0 ? GUTTER.step * (networks.length + 1) : 0);
}

function nodeHeight({ networks }: SceneryCluster, { pods }: SceneryNode): number {
    const { header, row, padding } = NODE;
    const lines = Math.ceil(pods.length / POD.perRow);
    return header + networks.length * row + lines * (POD.height + POD.gap) + padding;
}

/** Clusters beside each other, whose edge towards the backplane is at `edge`. */
export function placeRow(all: Sized[], left: number, edge: number, isAbove: boolean): ClusterBox[] {
    let x = left;
    return all.map((one) => {
        const y = isAbove ? edge - one.height : edge;
        const placed = place(one, { x, y, width: one.width, height: one.height }, isAbove);
        x += one.width + GAP;
        return placed;
    });
}

/** The header is on the side that no line comes from, the buses are on the other. */
function place({ cluster, columns, buses }: Sized, box: Box, isAbove: boolean): ClusterBox {
    const { padding, header, gap, bus } = CLUSTER;
    const width = columnWidth(cluster);
    const bottom = box.y + box.height;
    const busAt = (i: number) => padding / 2 + bus * (i + 0.5);
    const top = box.y + (isAbove ? header : padding + bus * buses.length);
    return {
        name: cluster.name,
        box,
        header: {
            x: box.x + padding,
            y: isAbove ? box.y + 8 : bottom - header + 8,
            width: box.width - 2 * padding,
            height: header - 14,
        },
        columns: columns.map((column, i) => {
            const x = box.x + padding + i * (width + gap) + width - NODE.width;
            return placeColumn(cluster, column, { x, y: top });
        }),
        buses: buses.map((network, i) => ({
            network,
            y: isAbove ? bottom - busAt(i) : box.y + busAt(i),
        })),
        isAbove,
    };
}

function placeColumn(
    cluster: SceneryCluster,
    nodes: SceneryNode[],
    at: { x: number; y: number },
): NodeBox[] {
    let { y } = at;
    return nodes.map((node) => {
        const height = nodeHeight(cluster, node);
        const placed = placeNode(cluster, node, { x: at.x, y, width: NODE.width, height });
        y += height + NODE.gap;
        return placed;
    });
}

function placeNode({ networks }: SceneryCluster, { name, pods }: SceneryNode, box: Box): NodeBox {
    const { padding, header, row } = NODE;
    const inner = { x: box.x + padding, width: box.width - 2 * padding };
    const width = (inner.width - POD.gap * (POD.perRow - 1)) / POD.perRow;
    const top = box.y + header + networks.length * row + POD.gap;
    return {
        name,
        box,
        header: { ...inner, y: box.y + 6, height: header - 8 },
        rows: networks.map((network, i) => ({
            network,
            box: { ...inner, y: box.y + header + i * row, height: row },
        })),
        pods: pods.map((pod, i) => ({
            name: pod,
            box: {
                x: inner.x + (i % POD.perRow) * (width + POD.gap),
                y: top + Math.floor(i / POD.perRow) * (POD.height + POD.gap),
                width,
                height: POD.height,
            },
        })),
    };
}

/** Where the line of the i-th network of `count` runs beside a column: in this order it crosses as few as can be. */
export function riserAt(nodeEdge: number, i: number, count: number, isAbove: boolean): number {
    const { step, edge } = GUTTER;
    return nodeEdge - (isAbove ? edge.above + step * (count - 1 - i) : edge.below + step * i);
}

function sum(numbers: number[]): number {
    return numbers.reduce((total, number) => total + number, 0);
}
