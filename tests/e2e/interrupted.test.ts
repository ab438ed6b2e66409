import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { killWhen } from "./kill.ts";
import { Stack } from "./stack.ts";
import { startTimes, world } from "./world.ts";

const run = promisify(execFile);

describe("an update whose engine is killed", function () {
    this.timeout("10m");
    const folder = mkdtempSync(join(tmpdir(), "multinet-e2e-"));
    const stack = new Stack("killed", folder);
    const prefix = "multinet-killed-";
    let asBefore: Awaited<ReturnType<typeof world>>;

    before(async () => {
        asBefore = await world(stack.kubeconfigs);
        await stack.init();
        stack.configure({ clusters: { edge1: {} } });
    });

    after(async () => {
        await stack.pulumi(["cancel", "--yes"]);
        await stack.pulumi(["destroy", "--yes", "--skip-preview"]);
        rmSync(folder, { recursive: true, force: true });
    });

    async function recovered(): Promise<void> {
        const { code, output } = await stack.command("recover", []);
        assert.equal(code, 0, output);
        const containers = Object.keys(await startTimes(prefix));
        assert.deepEqual(containers, [`/${prefix}edge1-control-plane`]);
        const { stdout } = await run("docker", [
            "network",
            "ls",
            "--filter",
            "name=^multinet-killed$",
            "--quiet",
        ]);
        assert.equal(stdout.trim().split("\n").length, 1);
        const { code: verified, output: matrix } = await stack.command("verify", []);
        assert.equal(verified, 0, matrix);
        const state = JSON.parse(await stack.expect(["stack", "export"])) as {
            deployment: { pending_operations?: unknown[] };
        };
        assert.deepEqual(state.deployment.pending_operations ?? [], []);
        await stack.up("--expect-no-changes");
    }

    it("converges with one command after a kill in the middle of a cluster's creation", async () => {
        await killWhen(
            stack,
            async () => Object.keys(await startTimes(prefix)).length > 0 || "no container",
        );
        await recovered();
    });

    it("converges with one command after a kill in the middle of a release's installation", async () => {
        await stack.destroy();
        await killWhen(stack, async () => {
            const secrets = await stack.kubectl("edge1", [
                "get",
                "secrets",
                "-A",
                "-l",
                "owner=helm",
                "-o",
                "name",
            ]);
            return secrets !== "" || "no release yet";
        });
        await recovered();
    });

    it("leaves nothing behind", async () => {
        await stack.destroy();
        assert.deepEqual(await world(stack.kubeconfigs), asBefore);
    });
});
