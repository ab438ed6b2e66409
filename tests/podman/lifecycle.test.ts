import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { stackConfig } from "../../cli/state/stackFile.ts";
import { patient } from "../../plan/patience.ts";
import { Stack } from "../e2e/stack.ts";
import { startTimes, until, world } from "../e2e/world.ts";

const run = promisify(execFile);

const CONFIG = join(import.meta.dirname, "Pulumi.podman.yaml");
const PREFIX = "multinet-podman-edge1";
const [CONTROL_PLANE, WORKER, JOINING] = ["control-plane", "worker", "worker2"].map(
    (role) => `${PREFIX}-${role}`,
) as [string, string, string];

/** Where the kernel says a container's limit, with version 2 or 1 of cgroups. */
const LIMIT =
    "cat /sys/fs/cgroup/memory.max 2>/dev/null || cat /sys/fs/cgroup/memory/memory.limit_in_bytes";

/** From nothing, with the Podman of whoever runs this, root or not. */
describe("the life of a stack on Podman", function () {
    this.timeout(patient(30 * 60_000));
    const config = stackConfig(CONFIG);
    const folder = mkdtempSync(join(tmpdir(), "multinet-podman-test-"));
    const stack = new Stack("podman", folder);
    let asBefore: Awaited<ReturnType<typeof world>>;

    const podman = async (...args: string[]) => (await run("podman", args)).stdout.trim();
    const started = () => startTimes(PREFIX, "podman");
    const green = async () => {
        const { code, output } = await stack.command("verify", []);
        return code === 0 || output;
    };
    /** An update with this cluster, after which all is green and nothing is left to do. */
    async function settledWith(cluster: object): Promise<void> {
        stack.configure({ ...config, clusters: { edge1: cluster } });
        await stack.up();
        assert.equal(await green(), true);
        await stack.up("--expect-no-changes");
    }

    before(async () => {
        asBefore = await world(stack.kubeconfigs, "podman");
        await stack.init();
        stack.configure(config);
    });

    after(async () => {
        await stack.pulumi(["destroy", "--yes", "--skip-preview"]);
        rmSync(folder, { recursive: true, force: true });
    });

    it("comes up from nothing with a green matrix", async () => {
        await stack.up();
        const { code, stdout, output } = await stack.command("verify", ["--json"]);
        assert.equal(code, 0, output);
        const { cells } = JSON.parse(stdout) as { cells: { ok: boolean }[] };
        assert.ok(cells.length > 0 && cells.every(({ ok }) => ok), output);
        assert.deepEqual(Object.keys(await started()).sort(), [CONTROL_PLANE, WORKER]);
    });

    it("changes nothing the second time", async () => {
        const before = await started();
        await stack.up("--expect-no-changes");
        assert.deepEqual(await started(), before);
    });

    it("heals deleted routes by itself", async () => {
        const routes = () =>
            podman("exec", WORKER, "ip", "route", "show", "proto", "200").then((text) =>
                text.split("\n").filter((line) => line.includes(" via ")),
            );
        const all = await routes();
        assert.ok(all.length > 0);
        for (const route of all) {
            await podman(
                "exec",
                WORKER,
                "ip",
                "route",
                "del",
                ...route.trim().split(/\s+/).slice(0, 3),
            );
        }
        await until(60, async () => (await routes()).join() === all.join() || "routes are gone");
        await until(60, green);
    });

    it("starts a stopped node", async () => {
        await podman("stop", "--time", "0", WORKER);
        const changes = (await stack.preview()).flatMap(({ diff }) => diff).join(" ");
        assert.match(changes, /stopped outside Pulumi/);
        await stack.up();
        await until(180, green);
        await stack.up("--expect-no-changes");
    });

    it("takes in a worker, and lets it go with what it kept, without touching the others", async () => {
        const [before, volumes] = [await started(), await podman("volume", "ls", "--quiet")];
        await settledWith({ nodes: 3 });
        const { [JOINING]: joined, ...others } = await started();
        assert.ok(joined);
        assert.deepEqual(others, before);
        await settledWith({ nodes: 2 });
        assert.deepEqual(await started(), before);
        assert.equal(await podman("volume", "ls", "--quiet"), volumes);
    });

    it("brings a lost worker back", async () => {
        await podman("rm", "--force", "--volumes", "--time", "0", WORKER);
        await stack.up();
        assert.equal(await green(), true);
        await stack.up("--expect-no-changes");
    });

    it("changes the memory limit in place", async () => {
        const before = await started();
        await settledWith({ nodes: 2, memory: "3GiB" });
        for (const node of [CONTROL_PLANE, WORKER]) {
            assert.equal(await podman("exec", node, "sh", "-c", LIMIT), String(3 * 2 ** 30));
        }
        assert.deepEqual(await started(), before);
    });

    it("leaves nothing behind", async () => {
        await stack.destroy();
        assert.deepEqual(await world(stack.kubeconfigs, "podman"), asBefore);
    });
});
