/** The middle of some numbers, at least one. */
export function median(values: number[]): number {
    return quantile(values, 0.5);
}

/** The value below which that share (0 to 1) of the numbers lies, interpolated between neighbours. */
export function quantile(values: number[], share: number): number {
    if (values.length === 0) {
        throw new Error("no numbers to take a quantile of");
    }
    const sorted = values.toSorted((a, b) => a - b);
    const place = share * (sorted.length - 1);
    const below = sorted[Math.floor(place)]!;
    const above = sorted[Math.ceil(place)]!;
    return below + (above - below) * (place - Math.floor(place));
}

const RESAMPLES = 10_000;

/**
 * The 95 % interval of the median, by bootstrap: medians of many samples drawn from the values themselves. Always the
 * same for the same values.
 */
export function interval(values: number[]): [low: number, high: number] {
    const random = generator(1);
    const medians = Array.from({ length: RESAMPLES }, () =>
        median(values.map(() => values[Math.floor(random() * values.length)]!)),
    );
    return [quantile(medians, 0.025), quantile(medians, 0.975)];
}

/** The items in an order that is any of all orders with the same chance. */
export function shuffled<T>(items: T[], random: () => number = Math.random): T[] {
    const result = [...items];
    for (let last = result.length - 1; last > 0; last--) {
        const pick = Math.floor(random() * (last + 1));
        [result[last], result[pick]] = [result[pick]!, result[last]!];
    }
    return result;
}

/** A canary that takes this many times as long as the quickest tells of a machine that was busy with other things. */
const DISTURBED = 1.5;

/** Those rounds whose canary was about as quick as that of the quickest round. */
export function quiet<T extends { canary: number }>(rounds: T[]): T[] {
    const best = Math.min(...rounds.map(({ canary }) => canary));
    return rounds.filter(({ canary }) => canary <= DISTURBED * best);
}

/** Numbers from 0 up to 1 that follow from the seed (mulberry32). */
export function generator(seed: number): () => number {
    let state = seed;
    return () => {
        state = (state + 0x6d2b79f5) | 0;
        let mixed = Math.imul(state ^ (state >>> 15), state | 1);
        mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
        return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
    };
}
