import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { hostname } from "node:os";
import { join } from "node:path";
import { mkdirSync, writeFileSync } from "node:fs";
import { withLock } from "../../../toolchain/lock.ts";
import { staleLocks } from "../../../toolchain/locks.ts";
import { identity, isAlive, startTime } from "../../../toolchain/processIdentity.ts";
import { temporaryDirectory } from "./temporary.ts";

const silent = () => undefined;

describe("lock between processes", () => {
    const temporary = temporaryDirectory();

    it("lets one in at a time, and returns what was done", async () => {
        let inside = 0;
        const enter = () =>
            withLock(temporary("lock"), silent, async () => {
                assert.equal(++inside, 1);
                await new Promise((resolve) => setTimeout(resolve, 20));
                return --inside;
            });
        assert.deepEqual(await Promise.all([enter(), enter(), enter()]), [0, 0, 0]);
    });

    it("is given back when the action fails", async () => {
        const fail = () =>
            withLock(temporary("lock"), silent, () => Promise.reject(new Error("no")));
        await assert.rejects(fail(), /no/);
        await assert.rejects(fail(), /no/);
    });

    it("is free again at once when its holder was killed, and tells who holds it until then", async () => {
        const holder = spawn(process.execPath, [
            "--input-type=module-typescript",
            "--eval",
            `import { withLock } from ${JSON.stringify(join(import.meta.dirname, "../../../toolchain/lock.ts"))};
            await withLock(${JSON.stringify(temporary("lock"))}, () => {}, async () => {
                console.log("in");
                await new Promise((resolve) => setTimeout(resolve, 60_000));
            });`,
        ]);
        await once(holder.stdout, "data");
        const waiting: string[] = [];
        const waited = withLock(
            temporary("lock"),
            (who) => {
                waiting.push(who);
                holder.kill("SIGKILL");
            },
            async () => "in as well",
        );
        assert.equal(await waited, "in as well");
        assert.equal(waiting.length, 1);
        assert.match(waiting[0]!, new RegExp(`process ${holder.pid}, since`));
    });

    it("can be given up while waiting", async () => {
        const stop = new AbortController();
        await withLock(temporary("lock"), silent, async () => {
            const second = withLock(
                temporary("lock"),
                () => stop.abort(),
                async () => undefined,
                stop.signal,
            );
            await assert.rejects(second);
        });
    });
});

describe("identity of a process", () => {
    it("does not outlive it", async () => {
        const child = spawn("cat");
        const known = identity(child.pid!);
        assert.ok(isAlive(known));
        assert.equal(isAlive({ ...known, start: known.start! - 1 }), false);
        child.kill();
        await once(child, "close");
        assert.equal(isAlive(known), false);
        assert.equal(startTime(child.pid!), undefined);
    });

    it("knows when it started", () => {
        assert.ok(
            Math.abs(startTime(process.pid)! - (Date.now() - process.uptime() * 1000)) < 2_000,
        );
    });
});

describe("locks of the engine", () => {
    const temporary = temporaryDirectory();
    const lock = (name: string, content: object) => {
        const folder = temporary(".pulumi/locks/organization/p/s");
        mkdirSync(folder, { recursive: true });
        writeFileSync(join(folder, name), JSON.stringify({ hostname: hostname(), ...content }));
    };
    const stale = () => staleLocks(`file://${temporary()}`, "p", "s");
    const now = new Date().toISOString();
    const gone = 2 ** 22 + 1; // above the largest process number

    it("are stale when their process is gone", () => {
        assert.deepEqual(stale(), []);
        lock("a.json", { pid: gone, timestamp: now });
        assert.deepEqual(stale(), [gone]);
    });

    it("are stale when another process has the number now", () => {
        lock("a.json", { pid: process.pid, timestamp: "2020-01-01T00:00:00Z" });
        assert.deepEqual(stale(), [process.pid]);
    });

    it("are never taken from a running process, nor from one on another machine", () => {
        lock("a.json", { pid: gone, timestamp: now });
        lock("b.json", { pid: process.pid, timestamp: now });
        assert.equal(stale(), undefined);
        lock("b.json", { pid: gone, timestamp: now, hostname: "elsewhere" });
        assert.equal(stale(), undefined);
    });

    it("of other backends are not ours to judge", () => {
        assert.deepEqual(staleLocks("https://api.pulumi.com", "p", "s"), []);
        assert.deepEqual(staleLocks(undefined, "p", "s"), []);
    });
});
