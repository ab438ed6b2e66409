import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { PROJECT } from "../../../cli/project.ts";
import { temporaryDirectory } from "../temporary.ts";

describe("entry to all commands", () => {
    const temporary = temporaryDirectory();

    interface Machine {
        node?: string;
        platform?: string;
        arch?: string;
        /** Exit code of npm. */
        npm?: number;
    }

    /** As on another machine, with an old Node and an npm that fails. */
    function start(
        command: string,
        { node = "18.0.0", platform = "linux", arch = "x64", npm = 7 }: Machine = {},
    ): { code: number | null; said: string } {
        mkdirSync(temporary("bin"), { recursive: true });
        writeFileSync(temporary("bin/npm"), `#!/bin/sh\nexit ${npm}\n`);
        chmodSync(temporary("bin/npm"), 0o755);
        const old = Object.entries({ versions: { node }, platform, arch })
            .map(
                ([name, value]) =>
                    `Object.defineProperty(process, "${name}", { value: ${JSON.stringify(value)} })`,
            )
            .join(";");
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

    it("is told when npm leaves out the package without an error", () => {
        const { code, said } = start("up", { npm: 0 });
        assert.match(said, /Could not install Node .*npm ended with 0/);
        assert.equal(code, 1);
    });

    it("installs Node where npm has one, and says which to install elsewhere", () => {
        assert.match(start("up", { arch: "arm64" }).said, /installing Node 24/);
        const { code, said } = start("up", { platform: "darwin" });
        assert.match(
            said,
            /^multinet needs Node 22\.21 or later of its line, or 24 or later; this is 18/,
        );
        assert.equal(code, 1);
    });

    it("takes no Node that lacks what it needs", () => {
        for (const node of ["22.20.0", "23.11.0", "20.19.0"]) {
            assert.match(start("up", { node }).said, /is too old: installing/, node);
        }
        for (const node of ["22.21.0", "24.0.0", "26.1.0"]) {
            assert.match(start("nothing", { node }).said, /unknown command 'nothing'/, node);
        }
    });

    it("refuses other systems, and names WSL2 on Windows", () => {
        assert.match(start("up", { platform: "win32" }).said, /^This is Windows. Use WSL2/);
        assert.match(start("up", { arch: "ia32" }).said, /^This is linux on ia32; multinet is for/);
    });

    it("fails as any command when it cannot install Node", () => {
        assert.equal(start("up").code, 1);
    });
});
