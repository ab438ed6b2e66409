import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { Stack } from "./stack.ts";
import { world } from "./world.ts";

const run = promisify(execFile);

const FOREIGN = "multinet-e2e-foreign";

describe("a configuration that cannot work", function () {
    this.timeout("3m");
    const folder = mkdtempSync(join(tmpdir(), "multinet-e2e-"));
    const stack = new Stack("refused", folder);

    before(async () => {
        await stack.init();
        await run("docker", ["network", "create", "--subnet", "198.19.240.0/24", FOREIGN]);
    });

    after(async () => {
        await run("docker", ["network", "rm", FOREIGN]);
        rmSync(folder, { recursive: true, force: true });
    });

    it("is refused with all that is wrong in the file and on this machine, and starts nothing", async () => {
        stack.configure({
            clusters: { edge1: { node: 2 }, site1: {}, edge2: {} },
            bridge: { subnet: "198.19.0.0/16" },
        });
        const asBefore = await world(stack.kubeconfigs);
        for (const args of [["preview"], ["up", "--yes", "--skip-preview"]]) {
            const { code, output } = await stack.pulumi(args);
            assert.notEqual(code, 0, output);
            assert.match(output, /has 3 problems\. Nothing was changed\./);
            assert.match(output, /clusters\.edge1\.node: 2\n.*"nodes" was probably meant/);
            assert.match(output, /clusters\.site1\.index: not set\n.*have the same index 1/);
            assert.match(
                output,
                /bridge\.subnet: "198\.19\.0\.0\/16"\n.*198\.19\.240\.0\/24 \(the container network "multinet-e2e-foreign"\)/,
            );
        }
        assert.deepEqual(await world(stack.kubeconfigs), asBefore);
    });
});
