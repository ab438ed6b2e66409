import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { identity, isAlive } from "../../../system/processIdentity.ts";
import { kill, orphans, untilGone } from "../../../cli/state/orphans.ts";

describe("plugins that outlived their engine", () => {
    let folder: string;
    beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "multinet-orphans-"))));
    afterEach(() => rmSync(folder, { recursive: true }));

    for (const [what, plugins, name] of [
        ["plugins", "", "plugin"],
        ["language hosts", "plugins", "pulumi-language-nodejs"],
    ] as const) {
        it(`are the ${what} whose parent is gone; they end when they are killed`, () =>
            endAsOrphans(join(folder, plugins), name));
    }

    it("are the programs whose language host is gone, or an orphan itself", async () => {
        const host = join(folder, "pulumi-language-nodejs");
        copyFileSync("/bin/bash", host);
        const runner = join(folder, "node_modules/@pulumi/pulumi/cmd/run/index.js");
        mkdirSync(dirname(runner), { recursive: true });
        writeFileSync(runner, "console.log(process.pid); setInterval(() => {}, 1000);");
        const start = `"${process.execPath}" "${runner}" & wait`;
        const engine = spawn("/bin/bash", ["-c", `"${host}" -c '${start}' & echo $!; wait`], {
            cwd: folder,
        });
        const lines = createInterface(engine.stdout)[Symbol.asyncIterator]();
        const next = async () => identity(Number((await lines.next()).value));
        const [left, program] = [await next(), await next()];
        const found = () => orphans(join(folder, "plugins"), folder, "bash");
        assert.deepEqual(found(), []);
        engine.kill("SIGKILL");
        await once(engine, "exit");
        assert.deepEqual(found(), [left.pid, program.pid]);
        await kill([left.pid]);
        assert.deepEqual(found(), [program.pid]);
        await kill(found());
        assert.ok(!isAlive(program));
    });

    /** `plugins` is the folder of plugins; the program is in `folder`, which is the project. */
    async function endAsOrphans(plugins: string, name: string): Promise<void> {
        const program = join(folder, name);
        copyFileSync("/bin/sleep", program);
        // The shell stands for the engine.
        const script = `"${program}" 60 & echo $!; wait`;
        const engine = spawn("/bin/bash", ["-c", script], { cwd: folder });
        const [line] = (await once(engine.stdout, "data")) as [Buffer];
        const plugin = identity(Number(line.toString()));
        assert.ok(isAlive(plugin));
        assert.deepEqual(orphans(plugins, folder, "bash"), []);
        engine.kill("SIGKILL");
        await once(engine, "exit");
        assert.deepEqual(orphans(plugins, folder, "bash"), [plugin.pid]);
        await kill(orphans(plugins, folder, "bash"));
        assert.ok(!isAlive(plugin));
    }

    it("that do not end are named after a while", async () => {
        const child = spawn("sleep", ["60"]);
        const left = untilGone([identity(child.pid!)], 1);
        await assert.rejects(left, new RegExp(`do not end: ${child.pid} \\(sleep, state `));
        child.kill();
    });
});
