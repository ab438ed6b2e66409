import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { forEngine, forTests, missingPackages } from "../../../cli/setup/systemPackages.ts";
import { rootfs } from "../../../source-builds/images/rootfs.ts";

describe("system packages", () => {
    const path = process.env["PATH"];
    let empty: string;
    beforeEach(() => (process.env["PATH"] = empty = mkdtempSync(join(tmpdir(), "multinet-path-"))));
    afterEach(() => {
        process.env["PATH"] = path;
        rmSync(empty, { recursive: true });
    });

    it("name the package of each program that is missing", () => {
        const missing = missingPackages(forTests);
        for (const name of ["iputils-ping", "jq", "perl", "socat"]) {
            assert(missing.includes(name));
        }
    });

    it("name no package twice, for whatever purposes it is needed", () => {
        const missing = missingPackages(forEngine, rootfs.system!, forTests);
        assert.deepEqual(missing, [...new Set(missing)]);
    });
});
