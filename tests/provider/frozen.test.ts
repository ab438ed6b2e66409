import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { resolveImages } from "../../plan/images.ts";
import { thaw } from "../../provider/runtime/frozen.ts";
import { runtime } from "../../provider/runtime/runtimes.ts";

describe("frozen processes of a container", function () {
    this.timeout(120_000);
    let folder: string;
    beforeEach(() => {
        folder = mkdtempSync(join(tmpdir(), "multinet-freezer-"));
    });
    afterEach(() => {
        rmSync(folder, { recursive: true });
    });

    const state = (path: string) => join(folder, path, "freezer.state");
    function put(path: string, text: string): void {
        mkdirSync(join(folder, path), { recursive: true });
        writeFileSync(state(path), text);
    }
    const isAt = (path: string, text: string) => {
        assert.equal(readFileSync(state(path), "utf8"), text, path);
    };

    it("go on, whoever named their groups, and nobody else's", async () => {
        put("docker/f00d/kubelet/pod1", "FROZEN\n");
        put("system.slice/docker-f00d.scope/kubelet/pod2", "FREEZING\n");
        put("docker/f00d", "THAWED\n");
        put("docker/beef", "FROZEN\n");
        assert.equal(await thaw(["f00d"], folder), true);
        isAt("docker/f00d/kubelet/pod1", "THAWED");
        isAt("system.slice/docker-f00d.scope/kubelet/pod2", "THAWED");
        isAt("docker/f00d", "THAWED\n");
        isAt("docker/beef", "FROZEN\n");
    });

    it("are none where nothing is frozen, or could be", async () => {
        put("docker/f00d", "THAWED\n");
        assert.equal(await thaw(["f00d"], folder), false);
        assert.equal(await thaw(["f00d"], join(folder, "none")), false);
    });

    it("do not keep a real container from being removed", async function () {
        if (process.env["MULTINET_REAL"] !== "1") {
            this.skip();
        }
        const local = process.env["MULTINET_IMAGES"];
        const images = local ? (JSON.parse(readFileSync(local, "utf8")) as object) : {};
        const docker = (...args: string[]) =>
            execFileSync("docker", args, { encoding: "utf8" }).trim();
        const entry = ["--entrypoint", "sleep", resolveImages({}, images).node, "1h"];
        const name = `multinet-test-frozen-${process.pid}`;
        const id = docker("run", "--detach", "--name", name, ...entry);
        const engine = runtime("docker");
        const containers = await engine.containers({ names: [name] });
        const group = `/sys/fs/cgroup/freezer/docker/${id}/stuck`;
        if (existsSync("/sys/fs/cgroup/freezer/docker")) {
            docker("exec", "--detach", name, "sleep", "2h");
            const [, sleeper] = docker("top", name, "-o", "pid").split("\n").slice(1);
            mkdirSync(group);
            writeFileSync(join(group, "cgroup.procs"), sleeper!.trim());
            writeFileSync(join(group, "freezer.state"), "FROZEN");
            assert.match(readFileSync(join(group, "freezer.state"), "utf8"), /FR/);
        }
        await engine.remove(containers);
        assert.deepEqual(await engine.containers({ names: [name] }), []);
        assert.ok(!existsSync(group));
    });
});
