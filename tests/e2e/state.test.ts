import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtempSync, readdirSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { killWhen } from "./kill.ts";
import { Stack } from "./stack.ts";
import { startTimes, until, world } from "./world.ts";

describe("a state", function () {
    this.timeout("10m");
    const folder = mkdtempSync(join(tmpdir(), "multinet-e2e-"));
    const stack = new Stack("torn", folder);
    const prefix = "multinet-torn-";
    const stacks = join(folder, "state/.pulumi/stacks/multinet");
    const checkpoint = join(stacks, "torn.json");
    let asBefore: Awaited<ReturnType<typeof world>>;

    before(async () => {
        asBefore = await world(stack.kubeconfigs);
        await stack.init();
        stack.configure({ clusters: { edge1: {} } });
    });

    after(async () => {
        await stack.command("remove", ["--yes"]);
        rmSync(folder, { recursive: true, force: true });
    });

    /** Runs a command of this project and returns what it said. */
    async function succeeds(name: string, ...args: string[]): Promise<string> {
        const { code, output } = await stack.command(name, args);
        assert.equal(code, 0, output);
        return output;
    }

    /** One `npm run up`, after which all is as if nothing had happened. */
    async function converges(): Promise<string> {
        const output = await succeeds("up");
        await succeeds("verify");
        const { deployment } = JSON.parse(await stack.expect(["stack", "export"])) as {
            deployment: { pending_operations?: unknown[] };
        };
        assert.deepEqual(deployment.pending_operations ?? [], []);
        await stack.up("--expect-no-changes");
        return output;
    }

    it("that a killed first update left is made complete, so that a destroy leaves nothing", async () => {
        const created = async () => Object.keys(await startTimes(prefix)).length > 0 || "no node";
        await killWhen(stack, created);
        await succeeds("recover", "--only");
        await stack.destroy();
        assert.deepEqual(await world(stack.kubeconfigs), asBefore);
    });

    it("that SIGTERM, sent twice, left is recovered from by the next update", async () => {
        const update = stack.startUp("pipe");
        const ended = once(update, "exit");
        let said = "";
        for (const stream of [update.stdout!, update.stderr!]) {
            stream.on("data", (chunk: Buffer) => (said += chunk.toString()));
        }
        const secrets = ["get", "secrets", "-A", "-l", "owner=helm", "-o", "name"];
        await until(
            180,
            async () => (await stack.kubectl("edge1", secrets)) !== "" || "no release",
        );
        update.kill("SIGTERM");
        await until(30, async () => said.includes("SIGTERM received") || said);
        update.kill("SIGTERM");
        await ended;
        await converges();
    });

    it("that was cut off is put back from the newest whole copy", async () => {
        const nodes = await startTimes(prefix);
        truncateSync(checkpoint);
        const { code, output } = await stack.pulumi(["preview"]);
        assert.notEqual(code, 0);
        assert.match(output, /unexpected end of JSON input/);
        assert.match(await converges(), /put the newest whole copy back, .*torn\.json\.bak/);
        truncateSync(checkpoint, 1000);
        truncateSync(`${checkpoint}.bak`);
        assert.match(await converges(), /put the newest whole copy back, .*\/(history|backups)\//);
        assert.equal(readdirSync(stacks).filter((name) => name.includes("damaged")).length, 2);
        assert.deepEqual(await startTimes(prefix), nodes);
    });

    it("whose attributes were torn by a kill, in a backend that has some, is read again", async () => {
        writeFileSync(`${checkpoint}.attrs`, "");
        assert.match((await stack.pulumi(["preview"])).output, /failed to load checkpoint: EOF/);
        assert.match(await succeeds("verify"), /torn\.json\.attrs, which a killed update left/);
        await stack.up("--expect-no-changes");
    });

    it("that was lost is made again from what runs, and a plain update is enough", async () => {
        const nodes = await startTimes(prefix);
        rmSync(join(folder, "state/.pulumi"), { recursive: true });
        await stack.init();
        await stack.up();
        assert.deepEqual(await startTimes(prefix), nodes);
        await succeeds("verify");
        await stack.up("--expect-no-changes");
    });

    it("that was lost is no hindrance to remove all that bears the stack's labels", async () => {
        rmSync(join(folder, "state/.pulumi"), { recursive: true });
        const { code, output } = await stack.command("remove", []);
        assert.equal(code, 1);
        assert.match(
            output,
            /container multinet-torn-edge1-control-plane .*\n.*network multinet-torn/,
        );
        await succeeds("remove", "--yes");
        assert.deepEqual(await world(stack.kubeconfigs), asBefore);
    });
});
