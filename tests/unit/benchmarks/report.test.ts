import assert from "node:assert/strict";
import { renew, tables } from "../../../benchmarks/report.ts";
import { outcome, RATIOS, type Round } from "../../../benchmarks/results.ts";

function round(up: number): Round {
    return {
        product: {
            up,
            upAndProbe: up + 1,
            noOps: [{ product: 5, empty: 4 }],
            memory: 700 << 20,
            destroy: 6,
        },
        plain: { toProbe: 80, delete: 4 },
        bare: { one: 20, two: 30, memory: 600 << 20 },
        canary: 0.5,
    };
}

const about = {
    date: "2026-01-31",
    machine: "2 cores",
    versions: "kind 1",
    meter: "control group",
    disturbed: 1,
    setup: [9, 11, 10],
};

describe("the report of the benchmark", () => {
    it("judges a ratio by the upper end of its interval", () => {
        const [first] = RATIOS;
        assert.ok(first);
        const verdict = (...ups: number[]) => outcome(first, ups.map(round)).verdict;
        assert.equal(verdict(32, 32, 32), "aim met");
        assert.equal(verdict(30, 30, 40), "within the limit");
        assert.equal(verdict(30, 30, 46), "MISSED");
    });

    it("shows every ratio and its circumstances", () => {
        const text = tables([round(30), round(32), round(34)], about);
        assert.match(
            text,
            /to Ready \| 1\.60 \| 1\.50 – 1\.70 \| 3 \| 1\.6 \| 2\.2 \| within the limit \|/,
        );
        assert.match(
            text,
            /of a bare one \| 1\.17 \| 1\.17 – 1\.17 \| 3 \| 1\.1 \| 1\.25 \| within the limit \|/,
        );
        assert.match(text, /`up` to a green matrix \| 32\.0 s \| 30\.0 – 34\.0 \|/);
        assert.match(text, /memory of a cluster \| 700 MiB \|/);
        assert.match(text, /aim: under 20 s\) \| 10\.0 s \| 9\.0 – 11\.0 \|/);
    });

    it("renews the tables and keeps what was written by hand", () => {
        const fresh = renew(undefined, "first\n");
        assert.match(fresh, /first/);
        const edited = fresh.replace("To be written after a run.", "Because of the weather.");
        const next = renew(edited, "second\n");
        assert.equal(next, edited.replace("first", "second"));
    });

    it("says what is missing from a document without the lines for the tables", () => {
        assert.throws(() => renew("# Benchmarks\n", ""), /Put them back:\n<!-- measured/);
    });
});
