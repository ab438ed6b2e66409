import { createHash } from "node:crypto";
import type { Failure, Obstacle, Told } from "./answers.ts";
import { PROBES } from "./probes.ts";
import type { Kind } from "./probes.ts";
import type { Prepared, Question } from "./questions.ts";
import type { Scene } from "./scene.ts";
import { inWords } from "./words.ts";

/** One thing that must hold, and whether it does. Stable: it changes only when an address or a verdict does. */
export type Cell = {
    /** `cluster/demo` of the pod that asks. */
    from: string;
    /** `cluster/demo` of the pod that is asked, or `cluster/address` of an address that no pod has. */
    to: string;
    network: string;
    protocol: Kind;
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

/** The cell for an answer. */
export function judge(
    { from, to, network, protocol }: Question,
    { expected }: Prepared,
    seen: Told | Failure,
    scene: Scene,
): Cell {
    const ok = seen.kind === expected.kind && PROBES[protocol].holds(seen, expected);
    return {
        from,
        to,
        network,
        protocol,
        ok,
        ...(seen.kind === "lost" && { flapping: true }),
        expected: inWords(expected, scene),
        seen: inWords(seen, scene, expected),
    };
}

/** The cell for a question that could not be asked. */
export function unasked(
    { from, to, network, protocol }: Question,
    obstacle: Obstacle,
    scene: Scene,
): Cell {
    const seen = inWords(obstacle, scene);
    return { from, to, network, protocol, ok: false, expected: "an answer", seen };
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
