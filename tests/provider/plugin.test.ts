import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import type { AddressInfo, Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout } from "node:timers/promises";
import type plugin from "@pulumi/pulumi/proto/plugin_pb.js";
import provider from "@pulumi/pulumi/proto/provider_pb.js";
import empty from "google-protobuf/google/protobuf/empty_pb.js";
import struct from "google-protobuf/google/protobuf/struct_pb.js";
import { ask, connect } from "./client.ts";

const FIXTURE = join(import.meta.dirname, "fixtures/plugin.ts");
const PROVIDER = join(import.meta.dirname, "../../provider/pulumi-resource-multinet");

/** Starts a plugin under a parent of its own, as the engine does, and learns its pid and port. */
async function start(command: string[]) {
    const script = `
        const { spawn } = require("node:child_process");
        const [command, ...args] = JSON.parse(process.argv[1]);
        const child = spawn(command, args, { stdio: ["pipe", "pipe", "inherit"] });
        console.log(child.pid);
        child.stdout.pipe(process.stdout);
    `;
    const parent = spawn(process.execPath, ["-e", script, JSON.stringify(command)], {
        stdio: ["pipe", "pipe", "inherit"],
    });
    const lines = createInterface(parent.stdout)[Symbol.asyncIterator]();
    const pid = Number((await lines.next()).value);
    const port = Number((await lines.next()).value);
    return { parent, pid, port };
}

function alive(pid: number): boolean {
    try {
        process.kill(pid, 0);
        // A zombie that nobody reaps counts as gone.
        return !readFileSync(`/proc/${pid}/stat`, "utf8").includes(") Z ");
    } catch {
        return false;
    }
}

async function gone(pid: number): Promise<void> {
    while (alive(pid)) {
        await setTimeout(20);
    }
}

describe("a plugin process", function () {
    this.timeout(15_000);
    let folder: string;
    let parent: ChildProcess | undefined;
    let engine: Server;
    let address: string;

    beforeEach(async () => {
        folder = mkdtempSync(join(tmpdir(), "multinet-plugin-"));
        engine = createServer((socket) => socket.destroy()).listen(0, "127.0.0.1");
        await once(engine, "listening");
        address = `127.0.0.1:${(engine.address() as AddressInfo).port}`;
    });
    afterEach(() => {
        parent?.kill("SIGKILL");
        engine.close();
        rmSync(folder, { recursive: true });
    });

    /** A plugin in the middle of its create; nobody waits for the answer. */
    async function startWorking() {
        const started = await start([process.execPath, FIXTURE, address]);
        parent = started.parent;
        const path = join(folder, "result");
        const client = connect(started.port);
        const request = new provider.CreateRequest()
            .setUrn("urn:pulumi:dev::lab::slow:index:File::one")
            .setProperties(struct.Struct.fromJavaScript({ path }));
        client.create(request, () => {
            client.close();
        });
        while (!existsSync(path)) {
            await setTimeout(10);
        }
        return { pid: started.pid, path };
    }

    it("finishes its work and goes when the engine was killed", async () => {
        const { pid, path } = await startWorking();
        parent?.kill("SIGKILL");
        await gone(pid);
        assert.equal(readFileSync(path, "utf8"), "done");
    });

    it("goes when its engine was gone before it had started", async () => {
        engine.close();
        const started = await start([process.execPath, FIXTURE, address]);
        parent = started.parent;
        await gone(started.pid);
    });

    it("cancels its work and goes when it is told to", async () => {
        const { pid, path } = await startWorking();
        process.kill(pid, "SIGINT");
        await gone(pid);
        assert.equal(readFileSync(path, "utf8"), "cancelled");
    });

    it("is multinet, with its resources", async () => {
        const started = await start([PROVIDER, address]);
        parent = started.parent;
        const client = connect(started.port);
        const info = await ask<plugin.PluginInfo>((reply) =>
            client.getPluginInfo(new empty.Empty(), reply),
        );
        const answer = await ask<provider.GetSchemaResponse>((reply) =>
            client.getSchema(new provider.GetSchemaRequest(), reply),
        );
        client.close();
        const schema = JSON.parse(answer.getSchema()) as { resources: object };
        assert.match(info.getVersion(), /^\d+\.\d+\.\d+$/);
        assert.deepEqual(Object.keys(schema.resources).sort(), [
            "multinet:index:CiliumNodes",
            "multinet:index:ContainerEngine",
            "multinet:index:KindCluster",
            "multinet:index:ReachabilityMatrix",
            "multinet:index:ReleaseInventory",
            "multinet:index:Rollout",
        ]);
        const closed = once(started.parent, "exit");
        started.parent.kill();
        await closed;
        await gone(started.pid);
    });
});
