import assert from "node:assert/strict";
import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { lastUpdate, pruneHistory } from "../../../cli/state/history.ts";
import { temporaryDirectory } from "../temporary.ts";

describe("history of a stack", () => {
    const temporary = temporaryDirectory();

    it("keeps the newest updates, of this stack only, and what is no update", () => {
        const write = (path: string) => {
            const file = temporary(".pulumi", path);
            mkdirSync(join(file, ".."), { recursive: true });
            writeFileSync(file, "");
        };
        const at = (n: number) => String(1764094000000000000n + BigInt(n));
        for (let n = 0; n < 5; n++) {
            for (const stack of ["dev", "other"]) {
                for (const part of ["history", "checkpoint"]) {
                    write(`history/p/${stack}/${stack}-${at(n)}.${part}.json`);
                }
                write(`history/p/${stack}/${stack}-${at(n)}.checkpoint.json.attrs`);
                write(`backups/p/${stack}/${stack}.${at(n)}.json`);
            }
        }
        write("history/p/dev/notes.txt");
        const place = { folder: temporary(), project: "p", stack: "dev" };
        pruneHistory(place, 2);
        pruneHistory(place, 2);
        const left = (folder: string) => readdirSync(temporary(".pulumi", folder)).sort();
        assert.deepEqual(
            left("history/p/dev"),
            [3, 4]
                .flatMap((n) =>
                    ["checkpoint.json", "checkpoint.json.attrs", "history.json"].map(
                        (end) => `dev-${at(n)}.${end}`,
                    ),
                )
                .concat("notes.txt"),
        );
        assert.deepEqual(left("backups/p/dev"), [`dev.${at(3)}.json`, `dev.${at(4)}.json`]);
        assert.equal(left("history/p/other").length, 15);
    });

    it("may not be there yet", () => {
        pruneHistory({ folder: temporary(), project: "p", stack: "dev" });
        assert.deepEqual(readdirSync(temporary()), []);
    });

    it("tells of its newest update, unless what is noted is damaged", () => {
        const place = { folder: temporary(), project: "p", stack: "dev" };
        assert.equal(lastUpdate(place), undefined);
        const note = (n: number, text: string) => {
            const folder = temporary(".pulumi", "history", "p", "dev");
            mkdirSync(folder, { recursive: true });
            writeFileSync(join(folder, `dev-176409400000000000${n}.history.json`), text);
        };
        const update = { kind: "update", result: "succeeded", startTime: 5, endTime: 7 };
        note(2, JSON.stringify(update));
        note(1, JSON.stringify({ ...update, endTime: 6 }));
        assert.deepEqual(lastUpdate(place), update);
        for (const damaged of ["", "null", "{}", JSON.stringify({ ...update, endTime: "x" })]) {
            note(3, damaged);
            assert.equal(lastUpdate(place), undefined);
        }
    });
});
