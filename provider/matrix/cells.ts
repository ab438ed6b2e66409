import { podKey } from "./inputs.ts";
import type { MatrixInputs, MatrixNetwork, Protocol } from "./inputs.ts";
import type { Pod } from "./pods.ts";
import { contains } from "./slice.ts";

export type { Protocol };

/** One thing that has to hold, and whether it does. Stable: it changes only when an address or a verdict does. */
export type Cell = {
    /** `cluster/demo` of the pod that asks. */
    from: string;
    /** `cluster/demo` of the pod that is asked, or `cluster/address` of an address that nobody has. */
    to: string;
    network: string;
    protocol: Protocol;
    ok: boolean;
    /**
     * `reply` for icmp, the source address that the peer has to see for tcp, udp and large, how much has to arrive for bulk
     * and multicast, or who has to answer.
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
    /** The address nobody has, and the node that owns its slice; undefined where a pod is asked. */
    free?: { address: string; node: string };
    /** The group that is sent to, and whether the pod that is asked belongs to it. */
    multicast?: { group: string; member: boolean };
}

/** What the probe said to one question. */
export interface Answer {
    ok: boolean;
    detail: string;
}

/** What is known of the clusters while a question is asked. */
export interface Scene {
    /** By `cluster/demo`; those that run. */
    pods: Map<string, Pod>;
    /** By node name. */
    nodeAddresses: Record<string, string>;
    /** By name. */
    networks: Map<string, MatrixNetwork>;
}

/** Bytes that the probe `bulk` sends, and datagrams that the probe `multicast` does. */
const BULK = 4 * 2 ** 20;
const DATAGRAMS = 5;

export function questions({ networks, pairs, free, multicast }: MatrixInputs): Question[] {
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
    return [...positive, ...negative, ...groups];
}

/** What has to be asked from the pod: about which address, and what has to come back; or why it cannot be asked. */
export function prepare(
    question: Question,
    scene: Scene,
): { address: string; expected: string } | { fault: string } {
    const own = addressOf(question.from, question.network, scene);
    if ("fault" in own) {
        return own;
    }
    if (question.free) {
        const owner = scene.nodeAddresses[question.free.node] ?? "unknown";
        return { address: question.free.address, expected: `unreachable, from ${owner}` };
    }
    const target = addressOf(question.to, question.network, scene);
    if ("fault" in target) {
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
    return { address: target.address, expected: expectation(question.protocol, own.address) };
}

/** A pod's address on a network; a fault if it has none, or one that its node cannot have given it. */
function addressOf(
    key: string,
    network: string,
    { pods, networks }: Scene,
): { address: string } | { fault: string } {
    const pod = pods.get(key);
    if (!pod) {
        return { fault: `no running pod ${key}` };
    }
    const address = pod.addresses[network];
    if (address === undefined) {
        return { fault: `pod ${key} has no address on ${network}` };
    }
    const slice = networks.get(network)?.slices[pod.node];
    return slice === undefined || contains(slice, address)
        ? { address }
        : { fault: `pod ${key} has ${address}, outside of its node's slice ${slice}` };
}

function expectation(protocol: Protocol, own: string): string {
    if (protocol === "bulk") {
        return `${BULK} bytes`;
    }
    // Any echo will do: its text is the way it took.
    return protocol === "icmp" ? "reply" : own;
}

/** The cell for an answer. A peer that saw another source than the pod's own address does not count as reached. */
export function judge(
    { from, to, network, protocol }: Question,
    expected: string,
    { ok, detail }: Answer,
): Cell {
    const seen = ok && protocol === "unreachable" ? `unreachable, from ${detail}` : detail;
    const right = ok && (protocol === "icmp" || seen === expected);
    return { from, to, network, protocol, ok: right, expected, seen };
}

/** The cell for a question that could not be asked. */
export function unasked({ from, to, network, protocol }: Question, fault: string): Cell {
    return { from, to, network, protocol, ok: false, expected: "an answer", seen: fault };
}

export function cellName({
    from,
    to,
    network,
    protocol,
}: Pick<Question, "from" | "to" | "network" | "protocol">): string {
    return `${from} -> ${to} ${protocol} on ${network}`;
}

/** The matrix in one line. */
export function summarize(cells: Cell[]): string {
    const green = cells.filter(({ ok }) => ok).length;
    const pods = new Set(cells.map(({ from }) => from));
    const clusters = new Set([...pods].map((pod) => pod.split("/")[0]));
    const count = (n: number, what: string) => `${n} ${what}${n === 1 ? "" : "s"}`;
    return (
        `${green} of ${count(cells.length, "cell")} green ` +
        `(${count(pods.size, "pod")} in ${count(clusters.size, "cluster")})`
    );
}
