import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { buffer } from "node:stream/consumers";
import fc from "fast-check";
import { type Entry, tar, tarSize } from "../../../system/tar.ts";
import { Workspace } from "../source-builds/images/workspace.ts";

const root = { uid: 0, gid: 0 };

function file(content: string, mode = 0o644): Entry {
    const from = Buffer.from(content);
    return { kind: "file", mode, size: from.length, from, ...root };
}

describe("tar", () => {
    const workspace = new Workspace();

    it("is read by the system's tar with modes, owners, links and long names", async () => {
        const long = `${"a-long-directory-name/".repeat(8)}file`;
        const entries: [string, Entry][] = [
            ["directory", { kind: "directory", mode: 0o1777, uid: 1, gid: 2 }],
            ["directory/program", file("#!", 0o4755)],
            ["link", { kind: "link", target: `/${long}`, ...root }],
            [long, file("deep")],
        ];
        const bytes = await buffer(tar(entries));
        const list = execFileSync("tar", ["--numeric-owner", "-tvf", "-"], { input: bytes });
        const lines = list.toString().trim().split("\n");
        assert.deepEqual(
            lines.map((line) => line.replace(/\s+/g, " ")),
            [
                "drwxrwxrwt 1/2 0 2024-01-01 00:00 directory/",
                "-rwsr-xr-x 0/0 2 2024-01-01 00:00 directory/program",
                `lrwxrwxrwx 0/0 0 2024-01-01 00:00 link -> /${long}`,
                `-rw-r--r-- 0/0 4 2024-01-01 00:00 ${long}`,
            ],
        );
    });

    it("has the announced size and keeps every content", async () => {
        const name = fc.stringMatching(/^[a-zA-Zéü_]{1,150}$/);
        const contents = fc.dictionary(name, fc.string({ maxLength: 2000 }), { maxKeys: 5 });
        await fc.assert(
            fc.asyncProperty(contents, async (texts) => {
                const entries = Object.entries(texts).map(([path, text]): [string, Entry] => [
                    path,
                    file(text),
                ]);
                const bytes = await buffer(tar(entries));
                assert.equal(bytes.length, tarSize(entries));
                for (const [path, text] of Object.entries(texts)) {
                    const args = ["-xOf", "-", path];
                    const found = execFileSync("tar", args, { input: bytes, stdio: "pipe" });
                    assert.equal(found.toString(), text);
                }
            }),
            { numRuns: 20 },
        );
    });

    it("refuses a file that changed while it was read", async () => {
        const from = workspace.file("grown", "more than one byte");
        const entry: Entry = { kind: "file", mode: 0o644, size: 1, from, ...root };
        await assert.rejects(
            buffer(tar([["grown", entry]])),
            /grown: 18 bytes .* 1 were announced/,
        );
    });
});
