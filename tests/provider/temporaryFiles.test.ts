import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { removeTemporaryFiles } from "../../provider/kube/temporaryFiles.ts";

describe("temporary files of kubernetes plugins", () => {
    let home: string;

    beforeEach(() => {
        home = mkdtempSync(join(tmpdir(), "multinet-temporary-"));
    });

    afterEach(() => {
        rmSync(home, { recursive: true });
    });

    function leave(engine: number) {
        mkdirSync(join(home, "tmp", String(engine)), { recursive: true });
        writeFileSync(join(home, "tmp", String(engine), "kubeconfig1"), "a key");
    }

    it("are removed with their engine, and those of engines that are gone", async () => {
        const gone = spawn("true");
        await once(gone, "exit");
        leave(gone.pid!);
        leave(4_000_000);
        leave(process.pid);
        await removeTemporaryFiles(home, process.pid);
        assert.deepEqual(readdirSync(join(home, "tmp")), []);
    });

    it("stay while another engine runs", async () => {
        leave(process.pid);
        await removeTemporaryFiles(home, 4_000_000);
        assert.deepEqual(readdirSync(join(home, "tmp")), [String(process.pid)]);
    });

    it("need not be there", async () => {
        await removeTemporaryFiles(home, process.pid);
        await removeTemporaryFiles("", process.pid);
    });
});
