import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, existsSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { dirname, join } from "node:path";
import { Cache } from "../../../system/cache.ts";
import { ask, engineInfo, hasImage, query } from "../../../system/dockerApi.ts";
import { Engine } from "../../../cli/setup/engine.ts";
import { engineFacts, findEngine } from "../../../cli/setup/findEngine.ts";
import { boundLog } from "../../../system/logFile.ts";
import { identity, isAlive } from "../../../system/processIdentity.ts";
import { until } from "../../../system/until.ts";
import { temporaryDirectory } from "../temporary.ts";

/** Says that it is there, writes its number, answers, and ends when it is told to, unless it is to end at once. */
const DOCKERD = `#!${process.execPath}
const { createServer } = require("http");
const { rmSync, writeFileSync } = require("fs");
const value = (name) => process.argv[process.argv.indexOf(name) + 1];
console.error("started");
if (process.env.FAKE_ENGINE === "broken") process.exit(1);
writeFileSync(value("--pidfile"), String(process.pid));
const socket = value("--host").slice("unix://".length);
rmSync(socket, { force: true });
createServer((_, response) => response.end("OK")).listen(socket);
process.on("SIGTERM", () => process.exit(0));
setTimeout(() => process.exit(2), 60_000);
`;

describe("container engine of our own", () => {
    const temporary = temporaryDirectory();
    const { PATH: path } = process.env;
    const signal = new AbortController().signal;
    const started: number[] = [];
    let engine: Engine;

    const create = (timeout = 10_000) =>
        new Engine(new Cache(temporary("cache")), timeout, temporary("run"));
    const start = async () => {
        await engine.start(undefined, signal);
        started.push(engine.running()!);
        return engine.running()!;
    };
    /** On a machine with no engine but ours. */
    const find = (own = engine) => {
        const facts = { ...engineFacts(), env: {}, exists: () => false };
        return findEngine(own, "docker", facts).then((found) => found?.address);
    };
    const runtime = () => dirname(engine.ownHost.slice("unix://".length));
    const log = () => readFileSync(temporary("cache", "logs", "dockerd.log"), "utf8");

    beforeEach(() => {
        writeFileSync(temporary("dockerd"), DOCKERD);
        chmodSync(temporary("dockerd"), 0o755);
        process.env["PATH"] = `${temporary()}:${path}`;
        engine = create();
    });
    afterEach(() => {
        process.env["PATH"] = path;
        delete process.env["FAKE_ENGINE"];
        for (const pid of started.splice(0)) {
            if (isAlive(identity(pid))) {
                process.kill(pid, "SIGKILL");
            }
        }
    });

    it("is started once, and stopped with all that it needed at run time", async () => {
        assert.equal(engine.running(), undefined);
        const pid = await start();
        assert.equal(await start(), pid);
        assert.equal(await find(create()), engine.ownHost);
        assert.ok(await engine.stop());
        assert.equal(isAlive(identity(pid)), false);
        assert.equal(existsSync(runtime()), false);
        assert.equal(await engine.stop(), false);
    });

    it("is waited for when it is slow, not replaced by a second one", async () => {
        const pid = await start();
        process.kill(pid, "SIGSTOP");
        setTimeout(() => process.kill(pid, "SIGCONT"), 300);
        assert.equal(await find(), engine.ownHost);
        process.kill(pid, "SIGSTOP");
        setTimeout(() => process.kill(pid, "SIGCONT"), 300);
        assert.equal(await start(), pid);
        assert.equal(log(), "started\n");
    });

    it("is named when it does not answer at all, stays as it is, and can be stopped", async () => {
        const pid = await start();
        process.kill(pid, "SIGSTOP");
        const expected = new RegExp(`runs as process ${pid}, but has not answered for 0.5 s`);
        await assert.rejects(find(create(500)), expected);
        await assert.rejects(create(500).start(undefined, signal), expected);
        assert.ok(existsSync(join(runtime(), "docker.sock")));
        assert.equal(create().running(), pid);
        assert.ok(await engine.stop());
        assert.equal(isAlive(identity(pid)), false);
    });

    it("is found again although everything that it wrote down is lost", async () => {
        const pid = await start();
        rmSync(runtime(), { recursive: true });
        assert.equal(create().running(), pid);
        assert.ok(await engine.stop());
        assert.equal(isAlive(identity(pid)), false);
    });

    it("is not mistaken for another process that has its number now", async () => {
        await start();
        await engine.stop();
        const pid = await start();
        writeFileSync(join(runtime(), "dockerd.pid"), String(process.pid));
        assert.equal(engine.running(), pid);
        process.kill(pid, "SIGKILL");
        await until(() => !isAlive(identity(pid)), 5_000);
        assert.equal(engine.running(), undefined);
        await start(); // over what the killed one left
    });

    it("keeps what it needs as long as a container outlives it", async () => {
        const pid = await start();
        const address = join(runtime(), "exec", "containerd", "containerd.sock");
        const script = "echo up; read -r _";
        const shim = spawn("bash", ["-c", script, "shim", "-address", address]);
        await once(shim.stdout, "data");
        process.kill(pid, "SIGKILL");
        await until(() => !isAlive(identity(pid)), 5_000);
        await assert.rejects(engine.stop(), new RegExp(`still runs.*${shim.pid} bash`, "s"));
        assert.ok(existsSync(runtime()));
        shim.stdin.end();
        await once(shim, "close");
        assert.equal(await engine.stop(), false);
        assert.equal(existsSync(runtime()), false);
    });

    it("says why it does not start", async () => {
        process.env["FAKE_ENGINE"] = "broken";
        await assert.rejects(
            engine.start(undefined, signal),
            /ended at once\. Its last lines:\n {2}started/,
        );
    });

    it("keeps its log when it is started again", async () => {
        await start();
        await engine.stop();
        await start();
        assert.equal(log(), "started\nstarted\n");
    });
});

describe("log of a program that runs on and on", () => {
    const temporary = temporaryDirectory();

    it("is moved aside when it has grown too long", () => {
        boundLog(temporary("log")); // none yet
        writeFileSync(temporary("log"), "12345");
        boundLog(temporary("log"), 5);
        assert.equal(existsSync(temporary("log.1")), false);
        boundLog(temporary("log"), 4);
        assert.equal(readFileSync(temporary("log.1"), "utf8"), "12345");
        assert.equal(statSync(temporary("log")).size, 0);
    });
});

describe("questions to a container engine", () => {
    const temporary = temporaryDirectory();
    const silent = createServer(() => undefined);
    const server = createServer(({ url }, response) => {
        const known = url === "/images/here/json" || url === "/_ping";
        const status = url === "/images/json" ? 500 : known ? 200 : 404;
        response.writeHead(status).end(status === 500 ? "disk full\n" : "{}");
    });
    afterEach(() => {
        for (const one of [silent, server]) {
            one.closeAllConnections();
            one.close();
        }
    });
    const listen = async (one: typeof server) => {
        await once(one.listen(temporary("socket")), "listening");
        return `unix://${temporary("socket")}`;
    };

    it("tell one that is slow from none", async () => {
        assert.equal(await ask(`unix://${temporary("none")}`), "absent");
        assert.equal(await ask(await listen(silent), 100), "silent");
    });

    it("tell that it may not be asked", async () => {
        const host = await listen(server);
        const nobody = 65534;
        const isRoot = process.getuid!() === 0;
        chmodSync(temporary("socket"), 0);
        if (isRoot) {
            process.seteuid!(nobody);
        }
        try {
            assert.equal(await ask(host), "denied");
        } finally {
            if (isRoot) {
                process.seteuid!(0);
            }
        }
    });

    it("say what it is, if it does", async () => {
        const host = await listen(server);
        assert.equal(await engineInfo(host), undefined);
    });

    it("are answered, or fail with what it says", async () => {
        const host = await listen(server);
        assert.equal(await ask(host), "answers");
        assert.equal(await hasImage(host, "here"), true);
        assert.equal(await hasImage(host, "elsewhere"), false);
        assert.deepEqual(await query(host, "/_ping"), {});
        await assert.rejects(query(host, "/images/json"), /answers .* with 500: disk full$/);
        assert.equal(await query("ssh://host", "/_ping"), undefined);
    });
});
