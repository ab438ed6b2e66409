import { riserAt, type ClusterBox, type NodeBox } from "./placing.ts";

/** A straight piece of a network: along a rail or a bus, from there to the nodes of a column, or on to one node. */
export interface Line {
    network: string;
    x1: number;
    y1: number;
    x2: number;
    y2: number;
}

/** Where lines of a network meet, or end at a node. */
export interface Dot {
    network: string;
    x: number;
    y: number;
}

export interface Wiring {
    lines: Line[];
    dots: Dot[];
}

/** The lines of all networks. `rails` has the height of those that join clusters; they begin at `left`. */
export function wire(clusters: ClusterBox[], rails: Map<string, number>, left: number): Wiring {
    const all = clusters.flatMap((cluster) =>
        cluster.columns.map((column) => ({ cluster, column })),
    );
    const columns = all.map(({ cluster, column }) => wireColumn(cluster, column, rails));
    const dots = columns.flatMap((column) => column.dots);
    return {
        lines: [
            ...joints(
                [...rails].map(([network, y]) => ({ network, y })),
                dots,
                () => left,
            ),
            ...clusters.flatMap(({ box, buses }) =>
                joints(
                    buses,
                    dots.filter(({ x }) => box.x <= x && x <= box.x + box.width),
                    (xs) => Math.min(...xs),
                ),
            ),
            ...columns.flatMap((column) => column.lines),
        ],
        dots,
    };
}

/** Rails, or buses: as far as what they join. */
function joints(
    levels: { network: string; y: number }[],
    dots: Dot[],
    begin: (xs: number[]) => number,
): Line[] {
    return levels.flatMap(({ network, y }) => {
        const own = dots.filter((dot) => dot.network === network && dot.y === y);
        const xs = own.map(({ x }) => x);
        return xs.length === 0
            ? []
            : [{ network, x1: begin(xs), y1: y, x2: Math.max(...xs), y2: y }];
    });
}

/** From where each network comes to its row in every node of a column. */
function wireColumn(
    { buses, isAbove }: ClusterBox,
    nodes: NodeBox[],
    rails: Map<string, number>,
): Wiring {
    const edge = nodes[0]!.box.x;
    const names = nodes[0]!.rows.map(({ network }) => network);
    const all = names.map((network, i): Wiring => {
        const x = riserAt(edge, i, names.length, isAbove);
        const ends = nodes.map(({ rows }) => rows[i]!.box.y + rows[i]!.box.height / 2);
        // One that stays in this column comes from nowhere.
        const source = rails.get(network) ?? buses.find((bus) => bus.network === network)?.y;
        const levels = [...ends, ...(source === undefined ? [] : [source])];
        const [y1, y2] = [Math.min(...levels), Math.max(...levels)];
        return {
            lines: [
                { network, x1: x, y1, x2: x, y2 },
                ...ends.map((y) => ({ network, x1: x, y1: y, x2: edge, y2: y })),
            ],
            dots: [
                ...(source === undefined ? [] : [{ network, x, y: source }]),
                ...ends.map((y) => ({ network, x: edge, y })),
            ],
        };
    });
    return { lines: all.flatMap(({ lines }) => lines), dots: all.flatMap(({ dots }) => dots) };
}
