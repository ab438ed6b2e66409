import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { configFileOf } from "../../cli/project.ts";
import { stackConfig } from "../../cli/state/stackFile.ts";
import { Stack } from "./stack.ts";
import { startTimes, until, world } from "./world.ts";

const run = promisify(execFile);

interface Cell {
    ok: boolean;
    protocol: string;
    expected: string;
    seen: string;
}

/** The stack file that ships as the default. */
const dev = stackConfig(configFileOf("dev"));

describe("the life of a stack", function () {
    this.timeout("15m");
    const folder = mkdtempSync(join(tmpdir(), "multinet-e2e-"));
    const stack = new Stack("e2e", folder);
    const prefix = "multinet-e2e-";
    let asBefore: Awaited<ReturnType<typeof world>>;

    const green = async () => {
        const { code, output } = await stack.command("verify", []);
        return code === 0 || output;
    };
    const node = (cluster: string, role = "control-plane") => `${prefix}${cluster}-${role}`;
    const untouched = (names: string[], changes: { name: string; op: string }[]) =>
        assert.deepEqual(
            changes.filter(
                ({ op, name }) => op.includes("replace") && names.some((n) => name.startsWith(n)),
            ),
            [],
        );

    before(async () => {
        asBefore = await world(stack.kubeconfigs);
        await stack.init();
    });

    after(async () => {
        await stack.pulumi(["destroy", "--yes", "--skip-preview"]);
        rmSync(folder, { recursive: true, force: true });
    });

    it("comes up from nothing with a green matrix and the sources kept", async () => {
        stack.configure(dev);
        await stack.up();
        const { code, stdout, output } = await stack.command("verify", ["--json"]);
        assert.equal(code, 0, output);
        const { cells } = JSON.parse(stdout) as { cells: Cell[] };
        const of = (protocol: string) => cells.filter((cell) => cell.protocol === protocol);
        // Four pods: twelve ordered pairs, and one free address for each of them.
        assert.deepEqual(
            ["icmp", "tcp", "bulk", "udp", "large", "unreachable"].map(
                (protocol) => of(protocol).length,
            ),
            [12, 12, 12, 12, 12, 4],
        );
        for (const { ok, seen, expected } of [...of("tcp"), ...of("udp")]) {
            assert.ok(ok);
            assert.match(seen, /^10\.[12]\.1\.\d+$/, "the source address of the pod itself");
            assert.equal(seen, expected);
        }
        const { matrix } = await stack.outputs<{ matrix: Record<string, string> }>();
        assert.deepEqual(matrix, { "data-plane": "64 of 64 green" });
    });

    it("changes nothing the second time", async () => {
        const started = await startTimes(prefix);
        await stack.up("--expect-no-changes");
        assert.deepEqual(await startTimes(prefix), started);
    });

    it("takes in a third cluster and more nodes without replacing anything", async () => {
        const started = await startTimes(prefix);
        stack.configure({
            ...dev,
            clusters: { edge1: { nodes: 3 }, edge2: { nodes: 2 }, edge3: { nodes: 1 } },
        });
        untouched(["edge1", "edge2"], await stack.preview());
        await stack.up();
        assert.equal(await green(), true);
        const now = await startTimes(prefix);
        assert.deepEqual(
            Object.fromEntries(Object.keys(started).map((name) => [name, now[name]])),
            started,
        );
        assert.equal(Object.keys(now).length, 6);
    });

    it("heals a deleted route by itself, and says so in an Event", async () => {
        const target = node("edge2");
        const { stdout } = await run("docker", [
            "exec",
            target,
            "ip",
            "-json",
            "route",
            "show",
            "proto",
            "200",
        ]);
        const [route] = (JSON.parse(stdout) as { dst: string; gateway?: string }[]).filter(
            ({ gateway }) => gateway,
        );
        assert.ok(route);
        await run("docker", ["exec", target, "ip", "route", "del", route.dst, "proto", "200"]);
        await until(30, async () => {
            const { stdout } = await run("docker", [
                "exec",
                target,
                "ip",
                "route",
                "show",
                route.dst,
                "proto",
                "200",
            ]);
            return stdout.includes(route.gateway!) || "the route is still gone";
        });
        await until(30, async () => {
            const events = await stack.kubectl("edge2", ["get", "events", "-A", "-o", "json"]);
            return events.includes("RoutesHealed") || "no event";
        });
        await stack.up("--expect-no-changes");
    });

    it("heals a restarted node by itself", async () => {
        await run("docker", ["restart", node("edge1", "worker")]);
        await until(180, green);
    });

    it("brings a lost worker back, with the extra networks before its pods", async () => {
        await run("docker", ["rm", "--force", "--volumes", node("edge1", "worker")]);
        await stack.up();
        assert.equal(await green(), true);
        await stack.up("--expect-no-changes");
    });

    it("names a deleted attachment and heals just that", async () => {
        await stack.kubectl("edge1", ["delete", "network-attachment-definition", "data-plane"]);
        const changes = await stack.preview();
        const named = changes.flatMap(({ diff }) => diff).join(" ");
        assert.match(named, /NetworkAttachmentDefinition/);
        await stack.up();
        await stack.kubectl("edge1", ["get", "network-attachment-definition", "data-plane"]);
        await stack.up("--expect-no-changes");
    });

    it("brings a cluster that was deleted by hand back with all its contents, in one update", async () => {
        const started = await startTimes(prefix);
        await run("docker", ["rm", "--force", "--volumes", node("edge2"), node("edge2", "worker")]);
        const changes = await stack.preview();
        untouched(["edge1", "edge3"], changes);
        assert.ok(changes.some(({ name, op }) => name === "edge2-kind" && op.includes("replace")));
        await stack.up();
        assert.equal(await green(), true);
        const now = await startTimes(prefix);
        for (const [name, time] of Object.entries(started)) {
            if (!name.includes("edge2")) {
                assert.equal(now[name], time, name);
            }
        }
        await stack.up("--expect-no-changes");
    });

    it("brings its network back that was removed by hand with all that was on it, in one update", async () => {
        const network = prefix.slice(0, -1);
        const nodes = Object.keys(await startTimes(prefix));
        await run("docker", ["rm", "--force", "--volumes", ...nodes]);
        await run("docker", ["network", "rm", network]);
        const changes = await stack.preview();
        assert.ok(
            changes.some(({ op, type }) => type.includes("Network") && op.includes("replace")),
        );
        await stack.up();
        assert.equal(await green(), true);
        await stack.up("--expect-no-changes");
    });

    it("leaves nothing behind", async () => {
        await stack.destroy();
        assert.deepEqual(await world(stack.kubeconfigs), asBefore);
    });
});
