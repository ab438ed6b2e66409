import assert from "node:assert/strict";
import fc from "fast-check";
import { Layer } from "../../../../source-builds/images/layer.ts";
import { Workspace } from "./workspace.ts";

function paths(layer: Layer): string[] {
    return layer.sorted().map(([path]) => path);
}

describe("Layer", () => {
    const workspace = new Workspace();

    it("makes missing parents and leaves those that are set", () => {
        const layer = new Layer().directory("/tmp", 0o1777).text("/tmp/a/b", "x");
        assert.deepEqual(paths(layer), ["tmp", "tmp/a", "tmp/a/b"]);
        const [, tmp] = layer.sorted()[0]!;
        assert.equal(tmp.kind === "directory" && tmp.mode, 0o1777);
    });

    it("lists parents before children, whatever the order they came in", () => {
        const path = fc
            .array(fc.constantFrom("a", "a-b", "a.b", "b"), { minLength: 1, maxLength: 4 })
            .map((parts) => parts.join("/"));
        fc.assert(
            fc.property(fc.array(path), (all) => {
                const layer = new Layer();
                for (const one of all) {
                    layer.directory(one);
                }
                const seen = new Set([""]);
                for (const one of paths(layer)) {
                    assert.ok(seen.has(one.split("/").slice(0, -1).join("/")), one);
                    seen.add(one);
                }
                const reversed = new Layer();
                for (const one of all.toReversed()) {
                    reversed.directory(one);
                }
                assert.deepEqual(paths(reversed), paths(layer));
            }),
        );
    });

    it("copies a tree with its modes and links, and takes things out again", () => {
        workspace.file("tree/bin/tool", "#!", 0o755);
        workspace.file("tree/etc/x.wants/unit");
        workspace.link("tree/lib", "usr/lib");
        const layer = new Layer().tree("/", `${workspace.path}/tree`).remove(/\.wants\/./);
        assert.deepEqual(paths(layer), ["bin", "bin/tool", "etc", "etc/x.wants", "lib"]);
        const entries = new Map(layer.sorted());
        const tool = entries.get("bin/tool");
        assert.ok(tool?.kind === "file" && tool.mode === 0o755 && tool.size === 2);
        const lib = entries.get("lib");
        assert.ok(lib?.kind === "link" && lib.target === "usr/lib");
    });

    it("lets what is set later win", () => {
        const layer = new Layer().text("/etc/x", "old").text("etc/x", "newer");
        const entry = new Map(layer.sorted()).get("etc/x");
        assert.equal(entry?.kind === "file" && entry.size, 5);
    });
});
