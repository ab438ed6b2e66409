/** Most pairs of a stack that are all measured; of more some are chosen. */
export const MOST_PAIRS = 1000;

/** A pod, as far as the choice depends on it. */
interface OnNode {
    node: string;
}

type Pair<T> = [from: T, to: T];

/** Every pod with every other, in both directions. */
export function allPairs<T>(pods: T[]): Pair<T>[] {
    return pods.flatMap((from) =>
        pods.filter((to) => to !== from).map((to): Pair<T> => [from, to]),
    );
}

/**
 * Of all pairs so many that each pod sends to and receives from another node, every ordered pair of nodes is there, and so
 * is every pod with a neighbour on its own node. Grows with the pods and with the pairs of nodes. Always the same ones.
 */
export function chosenPairs<T extends OnNode>(pods: T[]): Pair<T>[] {
    const nodes = [...Map.groupBy(pods, ({ node }) => node).values()];
    const received = new Set<T>();
    const pairs = [...nodes.flatMap(ring), ...nodes.flatMap((own, i) => outwards(own, i, nodes))];
    for (const [from, to] of pairs) {
        if (from.node !== to.node) {
            received.add(to);
        }
    }
    return [...pairs, ...nodes.flatMap((own, i) => inwards(own, i, nodes, received))];
}

/** Each pod of a node with the next one there. */
function ring<T>(own: T[]): Pair<T>[] {
    return own.length < 2 ? [] : own.map((from, i) => [from, own[(i + 1) % own.length]!]);
}

/** From every pod of a node, and to every other node. */
function outwards<T>(own: T[], index: number, nodes: T[][]): Pair<T>[] {
    const others = after(nodes, index);
    const count = others.length === 0 ? 0 : Math.max(own.length, others.length);
    return Array.from({ length: count }, (_, k) => {
        const other = others[k % others.length]!;
        // Which pod there depends on who asks, so that not all ask the first.
        return [own[k % own.length]!, other[(index + k) % other.length]!];
    });
}

/** To those pods of a node that no other node asks yet. */
function inwards<T>(own: T[], index: number, nodes: T[][], received: Set<T>): Pair<T>[] {
    const others = after(nodes, index);
    if (others.length === 0) {
        return [];
    }
    return own
        .filter((to) => !received.has(to))
        .map((to, k) => {
            const other = others[k % others.length]!;
            return [other[k % other.length]!, to];
        });
}

/** The other nodes, from the next one on. */
function after<T>(nodes: T[][], index: number): T[][] {
    return [...nodes.slice(index + 1), ...nodes.slice(0, index)];
}
