import { cellName } from "./cells.ts";
import type { Cell, Question, Scene } from "./cells.ts";
import { PRIMARY } from "./inputs.ts";
import type { Protocol } from "./inputs.ts";
import { contains } from "./slice.ts";

/** A red cell, said so that a reader knows where to look: pair, direction, what was expected, and the likely hop. */
export function explain(cell: Cell, question: Question, cells: Cell[], scene: Scene): string {
    const hop = likelyHop(cell, question, cells, scene);
    return `${cellName(cell)}: expected ${cell.expected}, seen ${cell.seen}; ${hop}`;
}

/** A red cell of two pods that run, and what is known of them. */
interface Way {
    cell: Cell;
    /** The nodes of the pod that asks and of the one that is asked. */
    near: string;
    far: string;
    cells: Cell[];
    scene: Scene;
}

function likelyHop(cell: Cell, question: Question, cells: Cell[], scene: Scene): string {
    const near = scene.pods.get(cell.from)?.node;
    const far = question.free?.node ?? scene.pods.get(cell.to)?.node;
    if (near === undefined) {
        return `is the Deployment of ${cell.from} there and its node up?`;
    }
    const [, odd] = /^pod (\S+) has /.exec(cell.seen) ?? [];
    if (odd !== undefined) {
        return addressHop(cell, odd, scene);
    }
    if (far === undefined) {
        return `is the Deployment of ${cell.to} there and its node up?`;
    }
    if (cell.seen.startsWith("probe failed")) {
        return `the probe could not be run in pod ${podName(cell.from, scene)}: is its node ${near} well?`;
    }
    const way = { cell, near, far, cells, scene };
    if (question.multicast) {
        return multicastHop(way, question.multicast);
    }
    return question.free ? unreachableHop(way) : positiveHop(way);
}

/** A pod with no address, or a wrong one. */
function addressHop({ seen, network }: Cell, pod: string, scene: Scene): string {
    const name = podName(pod, scene);
    const node = scene.pods.get(pod)?.node;
    if (network === PRIMARY) {
        return `look at the cluster's own CNI on node ${node}`;
    }
    const made = seen.includes("has no address on")
        ? "before Multus was ready"
        : `when node ${node} gave out other addresses`;
    return `it was made ${made}; delete pod ${name}, its Deployment makes a new one`;
}

function unreachableHop({ cell: { seen }, near, far }: Way): string {
    if (seen === "reply") {
        return "somebody has this address";
    }
    return seen.startsWith("unreachable")
        ? `the packet did not get to node ${far}: look at the routes of node ${near}`
        : `node ${far} has no "unreachable" route for its own slice, or node ${near} no route to it`;
}

function positiveHop(way: Way): string {
    const { cell, near, far, scene } = way;
    if (cell.seen === "refused") {
        return `nothing listens in pod ${podName(cell.to, scene)}`;
    }
    const small = cell.protocol === "large" ? "udp" : cell.protocol === "bulk" ? "tcp" : undefined;
    if (small && isGreen(way, small)) {
        return `${small} works, so big packets are lost: look at the MTU of ${cell.network}, in the route of pod ${podName(cell.from, scene)} and on nodes ${near} and ${far}`;
    }
    if (isTunnel(cell.network, scene)) {
        return tunnelHop(way);
    }
    if (isAddress(cell.seen)) {
        const [masquerading] =
            Object.entries(scene.nodeAddresses).find(([, address]) => address === cell.seen) ?? [];
        return `the source was rewritten (masqueraded) on node ${masquerading ?? far}`;
    }
    if (cell.network === PRIMARY) {
        return `look at the cluster's own CNI on nodes ${near} and ${far}`;
    }
    const back = way.cells.find(
        ({ from, to, network, protocol }) =>
            from === cell.to &&
            to === cell.from &&
            network === cell.network &&
            protocol === cell.protocol,
    );
    return back && !back.ok
        ? `nor does the way back work: look at the routes of nodes ${near} and ${far}`
        : `the way back works: look at node ${near}'s route to node ${far}`;
}

/** The nodes have no routes of ours to this network: a pod's packets go to the agent of its node, which tunnels them. */
function tunnelHop(way: Way): string {
    const { cell, near, far, scene } = way;
    const route = `is the network's own range routed to the interface of ${cell.network} in pods ${podName(cell.from, scene)} and ${podName(cell.to, scene)} (\`ip route\`)? The plugin that is chained after the CNI adds that`;
    const slice = scene.networks.get(cell.network)?.slices[near];
    if (isAddress(cell.seen) && slice && contains(slice, cell.seen)) {
        return `the question left by another interface: ${route}`;
    }
    const works = protocolsOf(cell.network, scene).some((protocol) => isGreen(way, protocol));
    const agents = `look at the Cilium agents of nodes ${near} and ${far}`;
    return works ? agents : `${route}. If it is there, ${agents}`;
}

function multicastHop(way: Way, { group, member }: { group: string; member: boolean }): string {
    const { cell, near, far, scene } = way;
    const target = podName(cell.to, scene);
    if (!member) {
        return `something in pod ${target} has joined group ${group}`;
    }
    if (!/^\d+\/\d+$/.test(cell.seen)) {
        return `pod ${podName(cell.from, scene)} cannot send to group ${group}: look at its interface of ${cell.network}`;
    }
    return isGreen(way, "udp")
        ? `unicast works: has pod ${target} joined group ${group} (\`ip maddress\`), and does all between nodes ${near} and ${far} pass multicast?`
        : `nor does unicast work: see there`;
}

/** Only where packets are wrapped up on their way is it asked whether large ones fit. */
function isTunnel(network: string, scene: Scene): boolean {
    return protocolsOf(network, scene).includes("large");
}

function protocolsOf(network: string, scene: Scene): Protocol[] {
    return scene.networks.get(network)?.protocols ?? [];
}

/** Whether the same pair and direction is green for another protocol. */
function isGreen({ cell, cells }: Way, other: Protocol): boolean {
    return cells.some(
        ({ from, to, network, protocol, ok }) =>
            ok &&
            from === cell.from &&
            to === cell.to &&
            network === cell.network &&
            protocol === other,
    );
}

function isAddress(seen: string): boolean {
    return /^\d+(\.\d+){3}$/.test(seen);
}

function podName(key: string, scene: Scene): string {
    return scene.pods.get(key)?.name ?? key;
}
