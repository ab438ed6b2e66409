import { inWords } from "../../provider/matrix/words.ts";
import { PROBES, type Kind } from "../../provider/matrix/probes.ts";
import { questions, type Question } from "../../provider/matrix/questions.ts";
import type { Facts } from "./model.ts";

/** `open`: it was not measured yet. */
export type Verdict = "green" | "red" | "flapping" | "open";

/** One probe, with what was expected and what was seen. */
export interface Probe {
    kind: Kind;
    verdict: Verdict;
    expected: string;
    /** Undefined where nobody looked, or where no more is known than that it was as expected. */
    seen: string | undefined;
}

/** What one pod is asked of another on a network, or of an address that no pod has. */
export interface Square {
    from: string;
    /** The pod, or the cluster and the address. */
    to: string;
    verdict: Verdict;
    probes: Probe[];
}

/** The matrix of a network: a row for each pod that asks. */
export interface HeatMap {
    network: string;
    /** `cluster/demo`, by cluster: the rows, and the columns. */
    pods: string[];
    /** By row and column; undefined where nothing is asked. */
    squares: (Square | undefined)[][];
    /** By row: the addresses that no pod has. */
    free: (Square | undefined)[];
    counts: Record<Verdict, number>;
}

/** A heat map for each network of the matrix: of what was measured, else of what is recorded, else of the plan. */
export function heatMaps(facts: Facts): HeatMap[] {
    const { plan, recorded } = facts;
    const matrix = recorded?.matrix ?? plan.reachability;
    const asked = questions({ ...matrix, clusters: [], namespace: "" });
    const verdicts = verdictsOf(facts);
    const order = plan.clusters.flatMap(({ name, demos }) =>
        demos.map((demo) => `${name}/${demo.name}`),
    );
    return [...Map.groupBy(asked, ({ network }) => network)].map(([network, own]) =>
        heatMap(network, own, verdicts, order),
    );
}

type Verdicts = (question: Question) => Probe;

function verdictsOf({ live, recorded }: Facts): Verdicts {
    const cells = live?.cells ?? recorded?.red ?? [];
    const known = new Map(cells.map((cell) => [idOf(cell), cell]));
    const otherwise = !live && recorded ? "green" : "open";
    return (question) => {
        const kind = question.protocol;
        const cell = known.get(idOf(question));
        if (!cell) {
            return { kind, verdict: otherwise, expected: expectation(question), seen: undefined };
        }
        const { ok, flapping, expected, seen } = cell;
        return { kind, verdict: ok ? "green" : flapping ? "flapping" : "red", expected, seen };
    };
}

function idOf({ from, to, network, protocol }: Omit<Question, "free" | "multicast">): string {
    return JSON.stringify([from, to, network, protocol]);
}

/** What must come back, where addresses are not known yet. */
function expectation(question: Question): string {
    const { from, to, network, protocol } = question;
    const pod = { name: to, cluster: "", node: "", addresses: {} };
    const scene = { pods: new Map([[to, pod]]), nodeAddresses: {}, networks: new Map() };
    const ends = { question, scene, own: `the address of ${from} on ${network}`, target: "" };
    return inWords(PROBES[protocol].expect(ends), scene);
}

function heatMap(network: string, asked: Question[], verdict: Verdicts, order: string[]): HeatMap {
    const there = new Set(asked.flatMap(({ from, to, free }) => (free ? [from] : [from, to])));
    const known = order.filter((pod) => there.delete(pod));
    const pods = [...known, ...there]; // what is up may have pods that the plan has no more
    const squares = new Map(
        [...Map.groupBy(asked, placeOf)].map(([place, own]) => [place, square(own, verdict)]),
    );
    const all = [...squares.values()].flatMap(({ probes }) => probes);
    const count = (wanted: Verdict) => all.filter(({ verdict }) => verdict === wanted).length;
    return {
        network,
        pods,
        squares: pods.map((from) => pods.map((to) => squares.get(placeOf({ from, to })))),
        free: pods.map((from) => squares.get(placeOf({ from }))),
        counts: {
            green: count("green"),
            red: count("red"),
            flapping: count("flapping"),
            open: count("open"),
        },
    };
}

/** Addresses that no pod has share one place in the row of the pod that asks. */
function placeOf({ from, to, free }: Pick<Question, "from" | "free"> & { to?: string }): string {
    return JSON.stringify([from, free ? undefined : to]);
}

function square(asked: Question[], verdict: Verdicts): Square {
    const { from, to } = asked[0]!;
    const probes = asked.map(verdict);
    return { from, to, verdict: worst(probes), probes };
}

function worst(probes: Probe[]): Verdict {
    const order: Verdict[] = ["red", "flapping", "open", "green"];
    return order.find((one) => probes.some(({ verdict }) => verdict === one))!;
}
