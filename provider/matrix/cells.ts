import { createHash } from "node:crypto";
import { describe } from "./answers.ts";
import type { Answer } from "./answers.ts";
import { podKey } from "./inputs.ts";
import type { MatrixInputs, MatrixNetwork, Protocol } from "./inputs.ts";
import type { Pod } from "./pods.ts";
import { contains } from "./slice.ts";

export type { Protocol };

/** One thing that must hold, and whether it does. Stable: it changes only when an address or a verdict does. */
export type Cell = {
    /** `cluster/demo` of the pod that asks. */
    from: string;
    /** `cluster/demo` of the pod that is asked, or `cluster/address` of an address that nobody has. */
    to: string;
    network: string;
    protocol: Protocol;
    ok: boolean;
    /** Some packets came through, not all. */
    flapping?: boolean;
    /**
     * `reply` for icmp, the source address that the peer must see for tcp, udp and large, how much must arrive for bulk
     * and multicast, or which node must answer.
     */
    expected: string;
    seen: string;
};

/** A cell before it was measured. */
export interface Question {
    from: string;
    to: string;
    network: string;
    protocol: Protocol;
    /** The address that no pod has, and the node that owns its slice; undefined where a pod is asked. */
    free?: { address: string; node: string };
    /** The group that is sent to, and whether the pod that is asked belongs to it. */
    multicast?: { group: string; member: boolean };
}

/** Why a question cannot be asked. */
export type Obstacle =
    | { kind: "no pod"; pod: string }
    | { kind: "no address"; pod: string; network: string }
    | { kind: "wrong slice"; pod: string; address: string; slice: string };

/** What a cell is made of. */
export type Finding = Obstacle | Answer;

/** A question in the form in which its pod is asked, and what must come back. */
export interface Prepared {
    address: string;
    mtu?: number;
    expected: string;
    /** Name of the pod that must answer. */
    peer?: string;
}

/** What is known of the clusters while a question is asked. */
export interface Scene {
    /** By `cluster/demo`; those that run. */
    pods: Map<string, Pod>;
    /** By node name, as the nodes have them now. */
    nodeAddresses: Record<string, string>;
    /** By name. */
    networks: Map<string, MatrixNetwork>;
}

/** Bytes that the probe `bulk` sends, and datagrams that the probe `multicast` does. */
const BULK = 2 ** 18;
const DATAGRAMS = 5;

export function questions(inputs: MatrixInputs): Question[] {
    const { networks, pairs, free, multicast, unique = [] } = inputs;
    const protocols = new Map(networks.map((network) => [network.name, network.protocols]));
    const positive = pairs.flatMap(({ from, to, network }) =>
        (protocols.get(network) ?? []).map((protocol) => ({
            from: podKey(from),
            to: podKey(to),
            network,
            protocol,
        })),
    );
    const negative = free.map(({ from, cluster, node, network, address }) => ({
        from: podKey(from),
        to: `${cluster}/${address}`,
        network,
        protocol: "unreachable" as const,
        free: { address, node },
    }));
    const groups = multicast.map(({ from, to, network, group, member }) => ({
        from: podKey(from),
        to: podKey(to),
        network,
        protocol: "multicast" as const,
        multicast: { group, member },
    }));
    const single = unique.map(({ pod, network }) => ({
        from: podKey(pod),
        to: podKey(pod),
        network,
        protocol: "unique" as const,
    }));
    return [...positive, ...negative, ...groups, ...single];
}

/** What must be asked from the pod and what must come back; or why it cannot be asked. */
export function prepare(question: Question, scene: Scene): Prepared | { obstacle: Obstacle } {
    const own = addressOf(question.from, question.network, scene);
    if ("obstacle" in own) {
        return own;
    }
    if (question.free) {
        const { address, node } = question.free;
        return { address, expected: `unreachable, from ${node}` };
    }
    const target = addressOf(question.to, question.network, scene);
    if ("obstacle" in target) {
        return target;
    }
    if (question.multicast) {
        const { group, member } = question.multicast;
        return {
            // The sender's own address names the interface that the datagrams leave by.
            address: `${group}/${target.address}/${own.address}`,
            expected: `${member ? DATAGRAMS : 0}/${DATAGRAMS}`,
        };
    }
    if (question.protocol === "unique") {
        return { address: own.address, expected: "alone" };
    }
    const { mtu } = scene.networks.get(question.network) ?? {};
    return {
        address: target.address,
        expected: expectation(question.protocol, own.address),
        peer: scene.pods.get(question.to)!.name,
        ...(question.protocol === "large" && mtu !== undefined && { mtu }),
    };
}

/** A pod's address on a network, unless it has none, or one that its node cannot have given it. */
function addressOf(
    pod: string,
    network: string,
    { pods, networks }: Scene,
): { address: string } | { obstacle: Obstacle } {
    const found = pods.get(pod);
    if (!found) {
        return { obstacle: { kind: "no pod", pod } };
    }
    const address = found.addresses[network];
    if (address === undefined) {
        return { obstacle: { kind: "no address", pod, network } };
    }
    const slice = networks.get(network)?.slices[found.node];
    return slice === undefined || contains(slice, address)
        ? { address }
        : { obstacle: { kind: "wrong slice", pod, address, slice } };
}

function expectation(protocol: Protocol, own: string): string {
    if (protocol === "bulk") {
        return `${BULK} bytes`;
    }
    // Any echo will do: its text is the way it took.
    return protocol === "icmp" ? "reply" : own;
}

/**
 * The cell for an answer. A peer that saw another source than the pod's own address, or that is another pod, does not count
 * as reached.
 */
export function judge(
    { from, to, network, protocol }: Question,
    { expected, peer }: Prepared,
    answer: Answer,
    scene: Scene,
): Cell {
    const cell = { from, to, network, protocol };
    if (answer.kind !== "ok") {
        const flapping = answer.kind === "lost" && { flapping: true };
        return { ...cell, ok: false, ...flapping, expected, seen: describe(answer) };
    }
    const { detail, by } = answer;
    const stranger = by !== undefined && by !== peer;
    const seen =
        protocol === "unreachable"
            ? `unreachable, from ${nodeOf(detail, scene) ?? detail}`
            : `${detail}${stranger ? `, answered by pod ${by}` : ""}`;
    return { ...cell, ok: protocol === "icmp" || seen === expected, expected, seen };
}

/** The node that has an address itself. */
export function nodeOf(address: string, { nodeAddresses }: Scene): string | undefined {
    return Object.entries(nodeAddresses).find(([, own]) => own === address)?.[0];
}

/** The cell for a question that could not be asked. */
export function unasked({ from, to, network, protocol }: Question, obstacle: Obstacle): Cell {
    const seen = describeObstacle(obstacle);
    return { from, to, network, protocol, ok: false, expected: "an answer", seen };
}

function describeObstacle(obstacle: Obstacle): string {
    switch (obstacle.kind) {
        case "no pod":
            return `no running pod ${obstacle.pod}`;
        case "no address":
            return `pod ${obstacle.pod} has no address on ${obstacle.network}`;
        case "wrong slice":
            return `pod ${obstacle.pod} has ${obstacle.address}, outside of its node's slice ${obstacle.slice}`;
    }
}

export function cellName({
    from,
    to,
    network,
    protocol,
}: Pick<Question, "from" | "to" | "network" | "protocol">): string {
    return `${from} -> ${to} ${protocol} on ${network}`;
}

/** The matrix in one line; `scope` says how much of the stack it covers. */
export function summarize(cells: Cell[], scope?: string): string {
    const green = cells.filter(({ ok }) => ok).length;
    const flapping = cells.filter((cell) => cell.flapping).length;
    const pods = new Set(cells.map(({ from }) => from));
    const clusters = new Set([...pods].map((pod) => pod.split("/")[0]));
    const count = (n: number, what: string) => `${n} ${what}${n === 1 ? "" : "s"}`;
    return (
        `${green} of ${count(cells.length, "cell")} green ` +
        (flapping > 0 ? `and ${flapping} flapping ` : "") +
        `(${count(pods.size, "pod")} in ${count(clusters.size, "cluster")})` +
        (scope ? `; ${scope}` : "")
    );
}

/** By network: how many of its cells are green. */
export function counts(cells: Cell[]): Record<string, string> {
    const networks = Map.groupBy(cells, ({ network }) => network);
    return Object.fromEntries(
        [...networks].map(([network, all]) => [
            network,
            `${all.filter(({ ok }) => ok).length} of ${all.length} green`,
        ]),
    );
}

/** Changes when an address or a verdict does. */
export function digest(cells: Cell[]): string {
    return createHash("sha256").update(JSON.stringify(cells)).digest("hex");
}
