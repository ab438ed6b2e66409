import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { PROJECT } from "../../../cli/project.ts";
import { temporaryDirectory } from "../temporary.ts";

describe("entry to all commands", () => {
    const temporary = temporaryDirectory();

    /** As on a machine with an old Node, and an npm that fails. */
    function start(command: string): { code: number | null; said: string } {
        mkdirSync(temporary("bin"));
        writeFileSync(temporary("bin/npm"), "#!/bin/sh\nexit 7\n");
        chmodSync(temporary("bin/npm"), 0o755);
        const old = 'Object.defineProperty(process, "versions", { value: { node: "18.0.0" } })';
        const entry = join(PROJECT, "multinet.mjs");
        const { status, stderr } = spawnSync(
            process.execPath,
            ["--import", `data:text/javascript,${encodeURIComponent(old)}`, entry, command],
            {
                encoding: "utf8",
                env: {
                    PATH: `${temporary("bin")}:${process.env["PATH"]}`,
                    HOME: temporary(),
                    MULTINET_CACHE: temporary("cache"),
                },
            },
        );
        return { code: status, said: stderr };
    }

    it("says by its exit code that nothing was measured when it cannot install Node", () => {
        const { code, said } = start("verify");
        assert.match(said, /Could not install Node .*npm ended with 7/);
        assert.equal(code, 2);
    });

    it("fails as any command when it cannot install Node", () => {
        assert.equal(start("up").code, 1);
    });
});
