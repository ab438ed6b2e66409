import assert from "node:assert/strict";
import { readLinkage } from "../../../../source-builds/images/elf.ts";
import { elfFile } from "./elfFile.ts";
import { Workspace } from "./workspace.ts";

describe("readLinkage", () => {
    const workspace = new Workspace();

    it("finds loader, libraries and their directories", () => {
        const linkage = { interpreter: "/lib64/ld.so", needed: ["liba.so.1", "libb.so.2"] };
        const file = workspace.file("program", elfFile({ ...linkage, runpath: "/opt/x:/opt/y" }));
        assert.deepEqual(readLinkage(file), { ...linkage, runpath: ["/opt/x", "/opt/y"] });
    });

    it("reads a real program", () => {
        const linkage = readLinkage(process.execPath);
        assert.match(linkage?.interpreter ?? "", /ld-linux/);
        assert.ok(linkage?.needed.includes("libc.so.6"));
    });

    it("sees a static program as one that needs nothing", () => {
        const file = workspace.file("static", elfFile({}));
        assert.deepEqual(readLinkage(file), { needed: [], runpath: [] });
    });

    for (const [what, content] of Object.entries({
        "an empty file": "",
        "a script": "#!/bin/sh",
    })) {
        it(`is undefined for ${what}`, () => {
            assert.equal(readLinkage(workspace.file("other", content)), undefined);
        });
    }
});
