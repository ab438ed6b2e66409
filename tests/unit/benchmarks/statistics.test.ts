import assert from "node:assert/strict";
import fc from "fast-check";
import {
    generator,
    interval,
    median,
    quantile,
    quiet,
    shuffled,
} from "../../../benchmarks/statistics.ts";

const values = fc.array(fc.double({ min: 0.01, max: 100, noNaN: true }), {
    minLength: 1,
    maxLength: 12,
});

describe("the statistics of the benchmark", () => {
    it("takes the middle of an odd number of values, and between the two middle ones of an even number", () => {
        assert.equal(median([3, 1, 2]), 2);
        assert.equal(median([4, 1, 2, 3]), 2.5);
        assert.equal(quantile([0, 10], 0.25), 2.5);
        assert.throws(() => median([]), /no numbers/);
    });

    it("has at most half of the values on either side of the median", () => {
        fc.assert(
            fc.property(values, (numbers) => {
                const middle = median(numbers);
                assert.ok(numbers.filter((value) => value < middle).length <= numbers.length / 2);
                assert.ok(numbers.filter((value) => value > middle).length <= numbers.length / 2);
            }),
        );
    });

    it("gives an interval that holds the median and lies within the values, the same every time", () => {
        fc.assert(
            fc.property(values, (numbers) => {
                const [low, high] = interval(numbers);
                assert.ok(low <= median(numbers) && median(numbers) <= high);
                assert.ok(Math.min(...numbers) <= low && high <= Math.max(...numbers));
                assert.deepEqual(interval(numbers), [low, high]);
            }),
            { numRuns: 15 },
        );
    });

    it("gives a narrower interval for more values alike", () => {
        const width = (numbers: number[]) => interval(numbers)[1] - interval(numbers)[0];
        const few = [1, 2, 3];
        assert.ok(width(Array.from({ length: 20 }, () => few).flat()) < width(few));
        assert.deepEqual(interval([7]), [7, 7]);
    });

    it("shuffles into every order about equally often", () => {
        const counts = new Map<string, number>();
        const random = generator(7);
        for (let time = 0; time < 6000; time++) {
            const order = shuffled(["a", "b", "c"], random).join("");
            counts.set(order, (counts.get(order) ?? 0) + 1);
        }
        assert.equal(counts.size, 6);
        for (const count of counts.values()) {
            assert.ok(Math.abs(count - 1000) < 150, `${count}`);
        }
    });

    it("drops rounds with a slow canary", () => {
        const rounds = [{ canary: 1.4 }, { canary: 1.51 }, { canary: 1 }];
        assert.deepEqual(quiet(rounds), [{ canary: 1.4 }, { canary: 1 }]);
        assert.deepEqual(quiet([]), []);
    });
});
