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

    /** Preview and update refuse a configuration with these sentences, and start nothing. */
    async function refused(config: Record<string, unknown>, ...sentences: RegExp[]) {
        stack.configure(config);
        const asBefore = await world(stack.kubeconfigs);
        for (const args of [["preview"], ["up", "--yes", "--skip-preview"]]) {
            const { code, output } = await stack.pulumi(args);
            assert.notEqual(code, 0, output);
            for (const sentence of sentences) {
                assert.match(output, sentence);
            }
        }
        assert.deepEqual(await world(stack.kubeconfigs), asBefore);
    }

    it("is refused with all that is wrong in the file, and starts nothing", async () => {
        await refused(
            { clusters: { edge1: { node: 2 }, site1: {}, edge2: {} } },
            /has 2 problems\. Nothing was changed\./,
            /clusters\.edge1\.node: 2\n.*"nodes" was probably meant/,
            /clusters\.site1\.index: not set\n.*have the same index 1/,
        );
    });

    it("is refused with all that is wrong on this machine, once the file is right", async () => {
        await refused(
            { clusters: { edge1: {} }, bridge: { subnet: "198.19.0.0/16" } },
            /has 1 problem\. Nothing was changed\./,
            /bridge\.subnet: "198\.19\.0\.0\/16"\n.*198\.19\.240\.0\/24 \(the container network "multinet-e2e-foreign"\)/,
        );
    });
});
