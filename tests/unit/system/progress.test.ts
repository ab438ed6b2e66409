import assert from "node:assert/strict";
import { duration, Progress } from "../../../system/progress.ts";

describe("progress", () => {
    const record = (isTTY: boolean, ci = "") => {
        const written: string[] = [];
        const stream = { isTTY, columns: 40, write: (text: string) => written.push(text) };
        return { progress: new Progress(stream, ci), text: () => written.join("") };
    };

    it("writes plain lines where nobody watches", async () => {
        const { progress, text } = record(false);
        progress.expect(2);
        await progress.during("one", async (say) => {
            say("downloading");
            say("downloading");
        });
        await assert.rejects(
            progress.during("two", () => Promise.reject(new Error("no"))),
            /no/,
        );
        assert.equal(
            text(),
            "[1/2] one\n[1/2] one: downloading\n[1/2] one: done in 0.0 s\n" +
                "[2/2] two\n[2/2] two: FAILED in 0.0 s\n",
        );
    });

    it("writes only how a step ended in CI, unless someone watches", async () => {
        for (const [ci, lines] of [
            ["true", 1],
            ["1", 1],
            ["false", 3],
            ["", 3],
        ] as const) {
            const { progress, text } = record(false, ci);
            await progress.during("one", async (say) => say("downloading"));
            assert.equal(text().trimEnd().split("\n").length, lines, `CI=${ci}`);
            assert.ok(text().endsWith("[1/1] one: done in 0.0 s\n"));
        }
        const watched = record(true, "true");
        await watched.progress.during("one", async () => undefined);
        assert.ok(watched.text().startsWith("\r"));
    });

    it("redraws one line on a terminal, never wider than that, and keeps whole lines", async () => {
        const { progress, text } = record(true);
        progress.expect(1);
        await progress.during("a piece", async (say) => {
            say("x".repeat(100));
            progress.note("by the way");
        });
        const parts = text().split("\r\x1b[K");
        assert.ok(parts.every((part) => part.replace("\n", "").length <= 40));
        assert.ok(parts.includes("by the way\n"));
        assert.equal(parts.at(-1), "[1/1] a piece: done in 0.0 s\n");
    });

    it("says times as people do", () => {
        const said = [300, 9_940, 42_400, 185_000, 119_700].map(duration);
        assert.deepEqual(said, ["0.3 s", "9.9 s", "42 s", "3 min 05 s", "2 min 00 s"]);
    });
});
