import assert from "node:assert/strict";
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { hostname } from "node:os";
import { join } from "node:path";
import { copyFileSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { takeLock, withLock } from "../../../system/lock.ts";
import { locksOn, removeLocks, type Lock } from "../../../cli/state/locks.ts";
import { identity, isAlive, programOf } from "../../../system/processIdentity.ts";
import { temporaryDirectory } from "../temporary.ts";

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
            `import { withLock } from ${JSON.stringify(join(import.meta.dirname, "../../../system/lock.ts"))};
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

    it("is held by a program that inherits it, after this one has let go", async () => {
        const child = await withLock(temporary("lock"), silent, async (descriptor) =>
            spawn("sleep", ["60"], { stdio: ["ignore", "ignore", "ignore", descriptor] }),
        );
        assert.equal(await takeLock(temporary("lock"), { wait: 0 }), undefined);
        child.kill("SIGKILL");
        await once(child, "close");
        (await takeLock(temporary("lock"), { wait: 0 }))?.release();
    });

    it("says who holds it when that takes too long, and makes the folder it is in", async () => {
        const file = temporary("new/folder/lock");
        await withLock(file, silent, async () => {
            const second = withLock(file, silent, async () => undefined, undefined, 300);
            await assert.rejects(second, /^Error: process \d+, since .* UTC has held the lock /);
        });
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
        assert.equal(programOf(child.pid!), undefined);
    });

    it("tells which program runs under a number", () => {
        const child = spawn("sleep", ["60"]);
        assert.equal(programOf(child.pid!), "sleep");
        child.kill();
    });
});

describe("locks of the engine", () => {
    const temporary = temporaryDirectory();
    const lock = (name: string, content: object | string) => {
        const folder = temporary(".pulumi/locks/organization/p/s");
        mkdirSync(folder, { recursive: true });
        const text =
            typeof content === "string"
                ? content
                : JSON.stringify({ hostname: hostname(), timestamp: new Date(), ...content });
        writeFileSync(join(folder, name), text);
    };
    const found = () => locksOn({ folder: temporary(), project: "p", stack: "s" });
    const locks = () => {
        const holders = (locks: Lock[]) => locks.map(({ holder }) => holder);
        const { running, stale } = found();
        return { running: holders(running), stale: holders(stale) };
    };
    const gone = 2 ** 22 + 1; // above the largest process number

    /** A process that the kernel calls `pulumi`. */
    async function engine(): Promise<ChildProcess> {
        const program = temporary("pulumi");
        copyFileSync("/bin/sleep", program);
        const child = spawn(program, ["60"]);
        await once(child, "spawn");
        return child;
    }

    it("are stale when their process is gone", () => {
        assert.deepEqual(locks(), { running: [], stale: [] });
        lock("a.json", { pid: gone });
        assert.deepEqual(locks(), { running: [], stale: [`process ${gone}`] });
    });

    it("are stale when another program has the number now", () => {
        lock("a.json", { pid: process.pid });
        assert.deepEqual(locks(), { running: [], stale: [`process ${process.pid}`] });
    });

    it("are never taken from a running engine, wherever the clock went meanwhile", async () => {
        const child = await engine();
        const pid = child.pid!;
        for (const timestamp of ["1970-01-01T00:00:00Z", "2999-01-01T00:00:00Z", "no time"]) {
            lock("a.json", { pid: gone });
            lock("b.json", { pid, timestamp });
            assert.deepEqual(locks(), {
                running: [`process ${pid}`],
                stale: [`process ${gone}`],
            });
        }
        child.kill();
    });

    it("are never taken from one on another machine", () => {
        lock("b.json", { pid: gone, hostname: "elsewhere", timestamp: "then" });
        assert.deepEqual(locks().running, [`process ${gone} on elsewhere, since then`]);
    });

    it("are removed one by one, so that an update which starts meanwhile keeps its own", async () => {
        lock("a.json", { pid: gone });
        lock("a.json.attrs", "{}");
        const { stale } = found();
        const child = await engine();
        lock("b.json", { pid: child.pid! });
        removeLocks(stale);
        assert.deepEqual(locks(), { running: [`process ${child.pid}`], stale: [] });
        const left = readdirSync(temporary(".pulumi/locks/organization/p/s"));
        assert.deepEqual(left, ["b.json"]);
        child.kill();
    });

    it("are stale when they are damaged", () => {
        for (const content of ["", "{", "null", "[]", '{"pid":"1"}']) {
            lock("a.json", content);
            const stale = ["nobody known (a.json is damaged)"];
            assert.deepEqual(locks(), { running: [], stale }, content);
        }
    });
});
