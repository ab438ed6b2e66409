import { cellName } from "./cells.ts";
import type { Cell, Question, Scene } from "./cells.ts";

/** A red cell, said so that a reader knows where to look: pair, direction, what was expected, and the likely hop. */
export function explain(cell: Cell, question: Question, cells: Cell[], scene: Scene): string {
    const hop = likelyHop(cell, question, cells, scene);
    return `${cellName(cell)}: expected ${cell.expected}, seen ${cell.seen}; ${hop}`;
}

function likelyHop(cell: Cell, question: Question, cells: Cell[], scene: Scene): string {
    const near = scene.pods.get(cell.from)?.node;
    const far = question.free?.node ?? scene.pods.get(cell.to)?.node;
    if (near === undefined) {
        return `is the Deployment of ${cell.from} there and its node up?`;
    }
    if (cell.seen.includes("has no address on")) {
        const pod = cell.seen.includes(cell.to) ? cell.to : cell.from;
        const name = scene.pods.get(pod)?.name ?? pod;
        return `it was made before Multus was ready; delete pod ${name}, its Deployment makes a new one`;
    }
    if (far === undefined) {
        return `is the Deployment of ${cell.to} there and its node up?`;
    }
    return question.free
        ? unreachableHop(cell, near, far)
        : positiveHop(cell, near, far, cells, scene);
}

function unreachableHop({ seen }: Cell, near: string, far: string): string {
    if (seen === "reply") {
        return "somebody has this address";
    }
    return seen.startsWith("unreachable")
        ? `the packet did not get to node ${far}: look at the routes of node ${near}`
        : `node ${far} has no "unreachable" route for its own slice, or node ${near} no route to it`;
}

function positiveHop(cell: Cell, near: string, far: string, cells: Cell[], scene: Scene): string {
    if (cell.protocol !== "icmp" && /^\d+(\.\d+){3}$/.test(cell.seen)) {
        const [masquerading] =
            Object.entries(scene.nodeAddresses).find(([, address]) => address === cell.seen) ?? [];
        return `the source was rewritten (masqueraded) on node ${masquerading ?? far}`;
    }
    const back = cells.find(
        ({ from, to, network, protocol }) =>
            from === cell.to &&
            to === cell.from &&
            network === cell.network &&
            protocol === cell.protocol,
    );
    if (back && !back.ok) {
        return `nor does the way back work: look at the routes of nodes ${near} and ${far}`;
    }
    return cell.seen === "refused"
        ? `nothing listens in pod ${scene.pods.get(cell.to)?.name ?? cell.to}`
        : `the way back works: look at node ${near}'s route to node ${far}`;
}
