import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { feed } from "../../../toolchain/images/feed.ts";
import { Workspace } from "./workspace.ts";

async function* chunks(number: number): AsyncGenerator<Buffer> {
    for (let i = 0; i < number; i++) yield Buffer.alloc(1 << 16, "x");
}

describe("feed", () => {
    const workspace = new Workspace();
    const { signal } = new AbortController();

    it("gives a program all of its input", async () => {
        const copy = join(workspace.path, "copy");
        await feed("dd", [`of=${copy}`], chunks(20), signal);
        assert.equal(readFileSync(copy).length, 20 << 16);
    });

    it("ends with the program's own words when it stops reading", async () => {
        const script = "process.stderr.write('disk full'); process.exit(3)";
        const fed = feed(process.execPath, ["-e", script], chunks(1000), signal);
        await assert.rejects(fed, /ended with exit code 3\. It said: disk full/);
    });

    it("passes on a failure of the input", async () => {
        async function* broken(): AsyncGenerator<Buffer> {
            yield Buffer.from("x");
            throw new Error("file is gone");
        }
        await assert.rejects(feed("cat", [], broken(), signal), /file is gone/);
    });

    it("says when there is no such program", async () => {
        await assert.rejects(feed("no-such-program", [], chunks(1), signal), /ENOENT/);
    });

    it("is aborted by its signal", async () => {
        const abort = new AbortController();
        const fed = feed("sleep", ["60"], chunks(1), abort.signal);
        abort.abort();
        await assert.rejects(fed, { name: "AbortError" });
    });
});
