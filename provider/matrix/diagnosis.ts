import { PRIMARY } from "../../plan/names.ts";
import type { Obstacle, Seen } from "./answers.ts";
import { cellName } from "./cells.ts";
import type { Cell } from "./cells.ts";
import { culprit } from "./culprit.ts";
import { PROBES } from "./probes.ts";
import type { Kind } from "./probes.ts";
import type { Question } from "./questions.ts";
import type { Result } from "./round.ts";
import { nodeOf } from "./scene.ts";
import type { Scene } from "./scene.ts";
import { contains } from "./slice.ts";
import { wayOf } from "./trace.ts";
import type { Hops } from "./trace.ts";

/** All that was found out. */
export interface Evidence {
    results: Result[];
    scene: Scene;
    hops: Hops;
}

/** A red cell, said so that a reader knows where to look: pair, direction, what was expected, and the likely hop. */
export function diagnose(result: Result, evidence: Evidence): string {
    const { cell } = result;
    const cause = likelyCause(result, evidence);
    return `${cellName(cell)}: expected ${cell.expected}, seen ${cell.seen}; ${cause}`;
}

/** A red cell of two pods that run, and what is known of them. */
interface Way extends Evidence {
    cell: Cell;
    question: Question;
    seen: Seen;
    /** The nodes of the pod that asks and of the one that is asked. */
    near: string;
    far: string;
}

function likelyCause({ cell, question, seen }: Result, evidence: Evidence): string {
    const { scene } = evidence;
    if (seen.kind === "no pod" || seen.kind === "no address" || seen.kind === "wrong slice") {
        return obstacleCause(seen, cell.network, scene);
    }
    // Both pods run, as there was something to ask.
    const near = scene.pods.get(cell.from)!.node;
    const far = question.free?.node ?? scene.pods.get(cell.to)!.node;
    if (seen.kind === "probe") {
        return `the probe could not be run in pod ${podName(cell.from, scene)}: is its node ${near} well?`;
    }
    const way = { ...evidence, cell, question, seen, near, far };
    if (question.multicast) {
        return multicastCause(way, question.multicast);
    }
    return question.free ? unreachableCause(way) : positiveCause(way);
}

/** A pod that is missing, has no address, or a wrong one. */
function obstacleCause(obstacle: Obstacle, network: string, scene: Scene): string {
    if (obstacle.kind === "no pod") {
        return `is the Deployment of ${obstacle.pod} there and its node up?`;
    }
    const node = scene.pods.get(obstacle.pod)?.node;
    if (network === PRIMARY) {
        return `look at the cluster's own CNI on node ${node}`;
    }
    const made =
        obstacle.kind === "no address"
            ? "before Multus was ready"
            : `when node ${node} gave out other addresses`;
    return `it was made ${made}; delete pod ${podName(obstacle.pod, scene)}, its Deployment makes a new one`;
}

function unreachableCause({ seen, near, far }: Way): string {
    switch (seen.kind) {
        case "reply":
            return "something has this address";
        case "owner": // another node
        case "icmp":
            return `the packet did not get to node ${far}: look at the routes of node ${near}`;
        default:
            return `node ${far} has no "unreachable" route for its own slice, or node ${near} no route to it`;
    }
}

function positiveCause(way: Way): string {
    const { cell, seen, near, far, scene } = way;
    if (seen.kind === "taken") {
        return `another pod or host on ${cell.network} has the address of pod ${podName(cell.to, scene)} on node ${far}, with the link address ${seen.mac}`;
    }
    if (seen.kind === "refused") {
        return `nothing listens in pod ${podName(cell.to, scene)} on node ${far}`;
    }
    if (seen.kind === "two" || isStranger(way)) {
        return `another pod has the address of pod ${podName(cell.to, scene)} on node ${far}`;
    }
    const { big, twin } = PROBES[cell.protocol];
    const small = big && isGreen(way, twin) ? twin : undefined;
    if (seen.kind === "mtu" || small) {
        return bigPacketsCause(way, small);
    }
    if (scene.networks.get(cell.network)?.overlay) {
        return overlayCause(way);
    }
    if (seen.kind === "source") {
        const masquerading = nodeBehind(seen.address, way) ?? far;
        return `the source was rewritten (masqueraded) on node ${masquerading}`;
    }
    if (seen.kind === "timeout" && isGreen(way, simplest(cell.protocol))) {
        return `echoes work: pod ${podName(cell.to, scene)} on node ${far} hangs (delete it), or a packet filter on nodes ${near} and ${far} drops ${cell.protocol}`;
    }
    const node = culprit(way.results, cell.network, scene);
    if (cell.network === PRIMARY) {
        const nodes = node === undefined ? `nodes ${near} and ${far}` : `node ${node}`;
        return `look at the cluster's own CNI on ${nodes}`;
    }
    if (node !== undefined) {
        return `all that is red on ${cell.network} begins or ends on node ${node}: look at its routes, forwarding and packet filter`;
    }
    return routeCause(way);
}

/** Whether the answer came from a pod that was not asked, though the source is right. */
function isStranger({ cell, seen, scene }: Way): boolean {
    const { by } = seen.kind === "source" ? seen : {};
    return by !== undefined && by !== scene.pods.get(cell.to)?.name;
}

/** `small`: what works with smaller packets. */
function bigPacketsCause(way: Way, small: Kind | undefined): string {
    const { cell, seen, near, far, scene } = way;
    const router = seen.kind === "mtu" ? seen.from : undefined;
    const named = router === undefined ? undefined : nodeBehind(router, way);
    const nodes = named === undefined ? `nodes ${near} and ${far}` : `node ${named}`;
    const but = small ? `${small} works, so big packets are lost: ` : "";
    return `${but}look at the MTU of ${cell.network}, in the route of pod ${podName(cell.from, scene)} and on ${nodes}`;
}

/** Where nodes route: how far packets get, or at least whether the way back works. */
function routeCause(way: Way): string {
    const { cell, near, far, results, hops } = way;
    const found = hops.get(wayOf(cell))?.filter((hop) => hop !== "");
    const last = found?.at(-1);
    const reached = last === undefined ? undefined : nodeBehind(last, way);
    if (reached === far && near !== far) {
        return `packets get to node ${far} and no further: look at its route to the pod, its forwarding and its way back to node ${near}`;
    }
    if (reached === near) {
        return `packets get to node ${near} and no further: look at its route to node ${far}, and whether that forwards them`;
    }
    const back = results.find(
        ({ cell: { from, to, network, protocol } }) =>
            from === cell.to &&
            to === cell.from &&
            network === cell.network &&
            protocol === cell.protocol,
    );
    return back && !back.cell.ok
        ? `nor does the way back work: look at the routes of nodes ${near} and ${far}`
        : `the way back works: look at node ${near}'s route to node ${far}`;
}

/** The node that sends with this address: its own one, or of its slice. */
function nodeBehind(address: string, { cell, scene }: Way): string | undefined {
    const slices = Object.entries(scene.networks.get(cell.network)?.slices ?? {});
    return nodeOf(address, scene) ?? slices.find(([, slice]) => contains(slice, address))?.[0];
}

/** The nodes have no routes of ours to this network: a pod's packets go to the agent of its node, which tunnels them. */
function overlayCause(way: Way): string {
    const { cell, seen, near, far, scene } = way;
    const route = `is the network's own range routed to the interface of ${cell.network} in pods ${podName(cell.from, scene)} and ${podName(cell.to, scene)} (\`ip route\`)? The plugin that is chained after the CNI adds that`;
    const slice = scene.networks.get(cell.network)?.slices[near];
    if (seen.kind === "source" && slice && contains(slice, seen.address)) {
        return `the question left by another interface: ${route}`;
    }
    const { protocols = [] } = scene.networks.get(cell.network) ?? {};
    const works = protocols.some((protocol) => isGreen(way, protocol));
    const agents = `look at the Cilium agents of nodes ${near} and ${far}`;
    return works || seen.kind === "lost" ? agents : `${route}. If it is there, ${agents}`;
}

function multicastCause(way: Way, { group, member }: { group: string; member: boolean }): string {
    const { cell, seen, near, far, scene } = way;
    const target = podName(cell.to, scene);
    if (seen.kind !== "datagrams") {
        return `pod ${podName(cell.from, scene)} cannot send to group ${group}: look at its interface of ${cell.network}`;
    }
    if (!member) {
        return `something in pod ${target} has joined group ${group}`;
    }
    return isGreen(way, PROBES[cell.protocol].twin)
        ? `unicast works: has pod ${target} joined group ${group} (\`ip maddress\`), and does all between nodes ${near} and ${far} pass multicast?`
        : `nor does unicast work: see there`;
}

/** The twin of its twin and so on: the echo of the same way. */
function simplest(kind: Kind): Kind {
    const { twin } = PROBES[kind];
    return twin === undefined ? kind : simplest(twin);
}

/** Whether the same pair and direction is green for another protocol. */
function isGreen({ cell, results }: Way, other: Kind | undefined): boolean {
    return results.some(
        ({ cell: { from, to, network, protocol, ok } }) =>
            ok &&
            from === cell.from &&
            to === cell.to &&
            network === cell.network &&
            protocol === other,
    );
}

function podName(key: string, scene: Scene): string {
    return scene.pods.get(key)?.name ?? key;
}
