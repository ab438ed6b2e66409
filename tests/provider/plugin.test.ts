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
import { definition } from "../../provider/definition.ts";
import * as sdk from "../../provider/sdk.ts";
import { ask, connect } from "./client.ts";

const FIXTURE = join(import.meta.dirname, "fixtures/plugin.ts");
const PROVIDER = join(import.meta.dirname, "../../provider/pulumi-resource-multinet");
const SCHEMA = join(import.meta.dirname, "../../schema/provider.json");
const SDK = join(import.meta.dirname, "../../provider/sdk.ts");

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

    it("is multinet, with its schema", async () => {
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
        assert.match(info.getVersion(), /^\d+\.\d+\.\d+$/);
        assert.equal(answer.getSchema(), readFileSync(SCHEMA, "utf8"));
        const closed = once(started.parent, "exit");
        started.parent.kill();
        await closed;
        await gone(started.pid);
    });
});

describe("the schema of multinet", () => {
    type Described = Record<string, { description?: string; secret?: true }>;
    type Description = {
        inputProperties: Described;
        requiredInputs: string[];
        properties: Described;
    };
    const text = readFileSync(SCHEMA, "utf8");
    const { version, resources, types } = JSON.parse(text) as {
        version: string;
        resources: Record<string, Description>;
        types: object;
    };

    it("describes every resource of the provider and every class of the SDK", () => {
        const described = Object.keys(resources).sort();
        assert.equal(version, definition.version);
        assert.deepEqual(described, Object.keys(definition.resources).sort());
        const classes = Object.keys(sdk).map((name) => `multinet:index:${name}`);
        assert.deepEqual(described, classes.sort());
    });

    it("has the inputs that the SDK has, and requires those without a question mark", () => {
        const source = readFileSync(SDK, "utf8");
        for (const [token, { inputProperties, requiredInputs }] of Object.entries(resources)) {
            const name = token.replace(/.*:/, "");
            const [, body = ""] = new RegExp(`interface ${name}Args {(.*?)\n}`, "s").exec(source)!;
            const members = [...body.matchAll(/^ {4}(\w+)(\??):/gm)];
            assert.ok(members.length > 0, name);
            assert.deepEqual(
                Object.keys(inputProperties),
                members.map(([, member]) => member),
            );
            assert.deepEqual(
                requiredInputs,
                members.filter(([, , mark]) => mark === "").map(([, member]) => member),
            );
        }
    });

    it("has exactly the types that it refers to", () => {
        const referred = [...text.matchAll(/"#\/types\/(.+?)"/g)].map(([, token]) => token!);
        assert.deepEqual([...new Set(referred)].sort(), Object.keys(types).sort());
    });

    it("says of every property what it is, and calls secret what the provider does", () => {
        for (const [token, { inputProperties, properties }] of Object.entries(resources)) {
            const all = Object.entries({ ...inputProperties, ...properties });
            const bare = all.filter(([, { description }]) => !description);
            assert.deepEqual(bare, [], token);
            const secret = all.filter(([, property]) => property.secret).map(([name]) => name);
            assert.deepEqual(secret, definition.resources[token]!.secrets ?? [], token);
        }
    });
});
