import assert from "node:assert/strict";
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { Builder, nodeImages } from "../../../source-builds/builder.ts";
import { Cache } from "../../../system/cache.ts";
import { Progress } from "../../../system/progress.ts";
import { temporaryDirectory } from "../temporary.ts";

describe("builder", () => {
    const temporary = temporaryDirectory();
    const { PATH } = process.env;
    let builder: Builder;
    let said: string;

    beforeEach(() => {
        mkdirSync(temporary("cache"), { mode: 0o700 });
        said = "";
        builder = new Builder(
            new Cache(temporary("cache")),
            new Progress({ write: (text: string) => (said += text) }),
            new AbortController().signal,
        );
    });
    afterEach(() => {
        process.env["PATH"] = PATH;
    });

    const make = (name: string) => mkdirSync(builder.dir(name), { recursive: true });
    const missing = (...names: string[]) => builder.missing(names).map(({ name }) => name);

    it("names what is missing, with what that needs before it", () => {
        assert.deepEqual(missing("node-files", "etcd"), ["containerd", "node-files", "etcd"]);
        make("containerd");
        assert.ok(builder.has("containerd"));
        assert.deepEqual(missing("node-files", "etcd"), ["node-files", "etcd"]);
    });

    it("makes nothing that is there", async () => {
        make("kind");
        await builder.make(["kind"]);
        assert.equal(said, "");
    });

    it("loads a node image only into an engine that lacks it", async () => {
        mkdirSync(temporary("bin"));
        const calls = temporary("calls");
        writeFileSync(temporary("bin/docker"), `#!/bin/sh\necho "$*" >> '${calls}'\necho 0123\n`);
        chmodSync(temporary("bin/docker"), 0o755);
        process.env["PATH"] = `${temporary("bin")}:${PATH}`;
        await builder.loadNodeImage([]);
        const { node } = nodeImages(builder.dir, []);
        assert.equal(readFileSync(calls, "utf8"), `images --quiet ${node}\n`);
        assert.match(said, /node-image/);
    });
});
