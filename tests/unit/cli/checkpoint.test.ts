import assert from "node:assert/strict";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync, zstdCompressSync } from "node:zlib";
import fc from "fast-check";
import {
    checkpointFile,
    readCheckpoint,
    recordedState,
    repairCheckpoint,
    type Checkpoint,
} from "../../../cli/state/checkpoint.ts";
import { temporaryDirectory } from "../temporary.ts";

/** As the engine writes it: resources tell one checkpoint from another. */
function checkpoint(...names: string[]): Checkpoint {
    const resources = names.map((name) => ({
        urn: `urn:pulumi:dev::multinet::t::${name}`,
        type: "t",
    }));
    return { version: 3, checkpoint: { latest: { resources } } };
}

describe("checkpoint of a stack", () => {
    const temporary = temporaryDirectory();
    let said: string[];
    beforeEach(() => (said = []));

    const place = () => ({ folder: temporary(), project: "p", stack: "dev" });
    const write = (path: string, content: string | Buffer | Checkpoint) => {
        const file = temporary(".pulumi", path);
        mkdirSync(join(file, ".."), { recursive: true });
        const isText = typeof content === "string" || Buffer.isBuffer(content);
        writeFileSync(file, isText ? content : JSON.stringify(content));
        return file;
    };
    const repair = () => repairCheckpoint(place(), (line) => said.push(line));
    const names = () => recordedState(place())?.resources?.map(({ urn }) => urn.split("::").at(-1));
    const damaged = () =>
        readdirSync(temporary(".pulumi/stacks/p")).filter((name) => name.includes("damaged"));

    it("that is whole is left alone, as is that of a new stack and one that is not there", () => {
        repair();
        assert.equal(existsSync(temporary(".pulumi")), false);
        for (const content of [checkpoint("now"), { version: 3, checkpoint: {} }]) {
            const file = write("stacks/p/dev.json", JSON.stringify(content));
            write("stacks/p/dev.json.bak", checkpoint("before"));
            repair();
            assert.equal(readFileSync(file, "utf8"), JSON.stringify(content));
        }
        assert.deepEqual(said, []);
    });

    it("is put back from the write before, wherever the file was cut off", () => {
        const text = JSON.stringify(checkpoint("one", "two"));
        for (let length = 0; length < text.length; length++) {
            const file = write("stacks/p/dev.json", text.slice(0, length));
            write("stacks/p/dev.json.bak", checkpoint("before"));
            repair();
            assert.deepEqual(names(), ["before"], `cut at ${length}`);
            assert.equal(said.length, 1, `cut at ${length}`);
            const [aside = ""] = damaged();
            assert.ok(said[0]!.includes(`${file}.bak`), said[0]);
            assert.ok(said[0]!.includes(aside), said[0]);
            assert.equal(
                readFileSync(temporary(".pulumi/stacks/p", aside), "utf8"),
                text.slice(0, length),
            );
            rmSync(temporary(".pulumi/stacks/p", aside));
            said = [];
        }
    });

    it("is put back whatever garbage is in it", () => {
        const garbage = fc.oneof(
            fc.uint8Array().map((bytes) => Buffer.from(bytes)),
            fc.json(),
            fc.json().map((text) => gzipSync(text).subarray(0, 15)),
        );
        fc.assert(
            fc.property(garbage, (content) => {
                rmSync(temporary(".pulumi"), { recursive: true, force: true });
                write("stacks/p/dev.json", content);
                write("stacks/p/dev.json.bak", checkpoint("before"));
                repair();
                assert.deepEqual(names(), ["before"]);
            }),
        );
    });

    it("is put back from the newest update whose copy is whole, if the write before is damaged as well", () => {
        write("stacks/p/dev.json", "");
        write("stacks/p/dev.json.bak", '{"version":3,');
        write("history/p/dev/dev-1764094000000000001.checkpoint.json", checkpoint("old"));
        write("history/p/dev/dev-1764094000000000009.checkpoint.json", "");
        write("history/p/dev/dev-1764094000000000009.history.json", checkpoint("no state"));
        write("backups/p/dev/dev.1764094000000000005.json", checkpoint("newer"));
        write("backups/p/dev/dev.1764094000000000004.json", checkpoint("older"));
        repair();
        assert.deepEqual(names(), ["newer"]);
    });

    it("is put back when it is missing, unless the stack was removed with its history", () => {
        write("stacks/p/dev.json.bak", checkpoint("before"));
        repair();
        assert.equal(checkpointFile(place()), undefined);
        write("history/p/dev/dev-1764094000000000001.checkpoint.json", checkpoint("old"));
        repair();
        assert.deepEqual(names(), ["before"]);
        assert.match(said.join(), /is missing: put the newest whole copy back/);
    });

    it("starts empty when no copy is whole", () => {
        write("stacks/p/dev.json", "{");
        repair();
        assert.equal(checkpointFile(place()), undefined);
        assert.match(said.join(), /no copy of it is whole: .*damaged-/);
    });

    for (const [ending, pack] of [
        [".json.gz", gzipSync],
        [".json.zst", zstdCompressSync],
    ] as const) {
        it(`may be compressed: ${ending}`, () => {
            const whole = pack(JSON.stringify(checkpoint("packed")));
            const file = write(`stacks/p/dev${ending}`, whole);
            assert.deepEqual(names(), ["packed"]);
            writeFileSync(file, whole.subarray(0, whole.length / 2));
            assert.equal(readCheckpoint(file), undefined);
            write(`stacks/p/dev${ending}.bak`, whole);
            repair();
            assert.deepEqual(names(), ["packed"]);
            assert.equal(checkpointFile(place()), file);
        });
    }

    it("that replaces a damaged one of another compression is the only one", () => {
        const file = write("stacks/p/dev.json.gz", "");
        write("history/p/dev/dev-1764094000000000001.checkpoint.json", checkpoint("plain"));
        repair();
        assert.deepEqual(names(), ["plain"]);
        assert.equal(existsSync(file), false);
    });

    it("loses attributes that were half-written, and what was never renamed", () => {
        const whole = '{"user.content_type":"application/json"}\n';
        const kept = [
            write("stacks/p/dev.json", checkpoint("now")),
            write("stacks/p/dev.json.bak.attrs", whole),
            write("stacks/p/dev2.json.attrs", ""), // another stack may be at work
        ];
        const torn = [
            write("stacks/p/dev.json.attrs", ""),
            write("meta.yaml.attrs", whole.slice(0, 9)),
            write("history/p/dev/dev-1.checkpoint.json.attrs", ""),
            write("locks/organization/p/dev/8e.json.attrs", ""),
            write("stacks/p/dev.json.18c2f.tmp", "{"),
        ];
        repair();
        assert.deepEqual(
            torn.filter((file) => existsSync(file)),
            [],
        );
        assert.deepEqual(
            kept.filter((file) => !existsSync(file)),
            [],
        );
        assert.deepEqual(names(), ["now"]);
        assert.match(said.join(), /dev\.json\.attrs, which a killed update left half-written/);
    });

    it("does not stand in the way of Pulumi's own description of the folder", () => {
        const meta = write("meta.yaml", "");
        repair();
        assert.equal(existsSync(meta), false);
        write("meta.yaml", "version: 1\n");
        repair();
        assert.equal(existsSync(meta), true);
    });
});
