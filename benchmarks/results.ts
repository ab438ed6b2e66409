import type { Bare, Plain, Product } from "./round.ts";
import { interval, median } from "./statistics.ts";

/** Everything measured in one round. */
export interface Round {
    product: Product;
    plain: Plain;
    bare: Bare;
    /** Seconds of the slowest canary. */
    canary: number;
}

/** One ratio with what is expected of it. */
export interface Ratio {
    what: string;
    of: (round: Round) => number[];
    aim: number;
    /** The most that is acceptable. */
    limit: number;
}

export const RATIOS: Ratio[] = [
    {
        what: "`up` to a green matrix ÷ one `kind create cluster` to Ready",
        of: ({ product, bare }) => [product.up / bare.one],
        aim: 1.6,
        limit: 2.2,
    },
    {
        what: "`up` ÷ the same steps in a plain script, both to the same probe",
        of: ({ product, plain }) => [product.upAndProbe / plain.toProbe],
        aim: 0.5,
        limit: 0.8,
    },
    {
        what: "`up` that changes nothing ÷ the same of an empty program with the same SDKs (CPU)",
        of: ({ product }) => product.noOps.map((pair) => pair.product / pair.empty),
        aim: 1.3,
        limit: 2.0,
    },
    {
        what: "`destroy` ÷ `kind delete clusters` of two such clusters",
        of: ({ product, plain }) => [product.destroy / plain.delete],
        aim: 1.3,
        limit: 2.0,
    },
    {
        what: "memory of a cluster ÷ that of a bare one",
        of: ({ product, bare }) => [product.memory / bare.memory],
        aim: 1.1,
        limit: 1.25,
    },
];

/** One number in its unit, for orientation: it holds for the machine it was measured on. */
export interface Figure {
    what: string;
    unit: string;
    of: (round: Round) => number[];
}

const MIB = 1 << 20;

export const FIGURES: Figure[] = [
    { what: "`up` to a green matrix", unit: "s", of: ({ product }) => [product.up] },
    { what: "the plain script to the probe", unit: "s", of: ({ plain }) => [plain.toProbe] },
    { what: "one `kind create cluster` to Ready", unit: "s", of: ({ bare }) => [bare.one] },
    { what: "two of them at once", unit: "s", of: ({ bare }) => [bare.two] },
    {
        what: "`up` that changes nothing",
        unit: "CPU s",
        of: ({ product }) => product.noOps.map((pair) => pair.product),
    },
    {
        what: "the same of an empty program",
        unit: "CPU s",
        of: ({ product }) => product.noOps.map((pair) => pair.empty),
    },
    { what: "`destroy`", unit: "s", of: ({ product }) => [product.destroy] },
    { what: "`kind delete clusters` of two", unit: "s", of: ({ plain }) => [plain.delete] },
    { what: "memory of a cluster", unit: "MiB", of: ({ product }) => [product.memory / MIB] },
    { what: "memory of a bare cluster", unit: "MiB", of: ({ bare }) => [bare.memory / MIB] },
];

export interface Outcome {
    median: number;
    /** 95 % interval of the median. */
    interval: [low: number, high: number];
    pairs: number;
    verdict: "aim met" | "within the limit" | "MISSED";
}

/** A ratio over all rounds, judged by the upper end of its interval. */
export function outcome({ of, aim, limit }: Ratio, rounds: Round[]): Outcome {
    const values = rounds.flatMap(of);
    const [low, high] = interval(values);
    return {
        median: median(values),
        interval: [low, high],
        pairs: values.length,
        verdict: high <= aim ? "aim met" : high <= limit ? "within the limit" : "MISSED",
    };
}
