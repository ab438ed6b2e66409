import { podKey } from "./inputs.ts";
import type { MatrixInputs } from "./inputs.ts";
import type { Pod } from "./pods.ts";

export type Protocol = "icmp" | "tcp" | "udp" | "unreachable";

/** One thing that has to hold, and whether it does. Stable: it changes only when an address or a verdict does. */
export type Cell = {
    /** `cluster/demo` of the pod that asks. */
    from: string;
    /** `cluster/demo` of the pod that is asked, or `cluster/address` of an address that nobody has. */
    to: string;
    network: string;
    protocol: Protocol;
    ok: boolean;
    /** `reply` for icmp, the source address that the peer has to see for tcp and udp, or who has to answer. */
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
}

export function questions({ pairs, free }: MatrixInputs): Question[] {
    const positive = pairs.flatMap(({ from, to, network }) =>
        (["icmp", "tcp", "udp"] as const).map((protocol) => ({
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
    return [...positive, ...negative];
}

/** What has to be asked from the pod: an address and what has to come back; or why it cannot be asked. */
export function prepare(
    { from, to, network, protocol, free }: Question,
    { pods, nodeAddresses }: Scene,
): { address: string; expected: string } | { fault: string } {
    const source = pods.get(from);
    if (!source) {
        return { fault: `no running pod ${from}` };
    }
    const own = source.addresses[network];
    if (own === undefined) {
        return { fault: `pod ${from} has no address on ${network}` };
    }
    if (free) {
        const owner = nodeAddresses[free.node] ?? "unknown";
        return { address: free.address, expected: `unreachable, from ${owner}` };
    }
    const target = pods.get(to);
    const address = target?.addresses[network];
    if (address === undefined) {
        return {
            fault: target ? `pod ${to} has no address on ${network}` : `no running pod ${to}`,
        };
    }
    return { address, expected: protocol === "icmp" ? "reply" : own };
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

export function cellName({ from, to, network, protocol }: Omit<Question, "free">): string {
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
