import assert from "node:assert/strict";
import { difference } from "../golden/golden.ts";

describe("the difference to a recorded text", () => {
    it("is empty where there is none", () => assert.equal(difference("a\nb", "a\nb"), ""));

    it("names lines that were changed, added and removed, each with its number", () => {
        assert.equal(
            difference("a\nb\nc\nd\ne", "a\nB\nc\nd\nnew\ne"),
            ["2 - b", "2 + B", "5 + new"].join("\n"),
        );
        assert.equal(difference("a\nb\nc", "a\nc"), "2 - b");
        assert.equal(difference("a", "a\nb"), "2 + b");
        assert.equal(difference("a\nb", "c"), ["1 - a", "2 - b", "1 + c"].join("\n"));
    });

    it("is cut where it is very long", () => {
        const many = Array.from({ length: 500 }, (_, i) => `${i}`).join("\n");
        const lines = difference("x", many).split("\n");
        assert.equal(lines.at(-1), "... and 301 more lines");
        assert.equal(lines.length, 201);
    });
});
