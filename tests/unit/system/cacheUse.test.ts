import assert from "node:assert/strict";
import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { chmodSync, copyFileSync, existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { Cache } from "../../../system/cache.ts";
import { refuseUsed, takeCache, useCache } from "../../../system/cacheUse.ts";
import { takeLock } from "../../../system/lock.ts";
import { PROJECT } from "../../../cli/project.ts";
import { temporaryDirectory } from "../temporary.ts";

const module = join(import.meta.dirname, "../../../system/cacheUse.ts");

describe("use of the cache", () => {
    const temporary = temporaryDirectory();
    const chosen = process.env["MULTINET_CACHE"];
    const signal = new AbortController().signal;
    const children: ChildProcess[] = [];

    beforeEach(() => {
        process.env["MULTINET_CACHE"] = temporary("cache");
    });
    afterEach(() => {
        if (chosen === undefined) {
            delete process.env["MULTINET_CACHE"];
        } else {
            process.env["MULTINET_CACHE"] = chosen;
        }
        for (const child of children.splice(0)) {
            child.kill("SIGKILL");
        }
    });

    /** Another command, in the middle of its work. */
    const other = async (work: string) => {
        const script = `import { takeCache, useCache } from ${JSON.stringify(module)};
            import { Cache } from ${JSON.stringify(join(module, "..", "cache.ts"))};
            ${work}; console.log("in"); setInterval(() => {}, 1000);`;
        const flags = ["--input-type=module-typescript", "--eval", script];
        const child = spawn(process.execPath, flags, { stdio: ["ignore", "pipe", "inherit"] });
        children.push(child);
        await once(child.stdout, "data");
        return child;
    };

    it("is shared by all commands, and keeps it from being removed until the last ends", async () => {
        const first = await other("await useCache(new AbortController().signal)");
        const mine = await useCache(signal);
        const cache = new Cache();
        const refused = () =>
            assert.rejects(takeCache(cache), (error: Error) => {
                const named = `process ${first.pid} (`;
                return (
                    error.message.includes(named) && error.message.includes("Nothing was changed")
                );
            });
        await refused();
        mine.release();
        await refused();
        first.kill("SIGKILL");
        await once(first, "close");
        (await takeCache(cache)).release();
    });

    it("is refused while it is being removed", async () => {
        const cleaner = await other("await takeCache(new Cache())");
        await assert.rejects(
            useCache(signal),
            new RegExp(`is being removed by process ${cleaner.pid} \\(`),
        );
        const program = join(PROJECT, "multinet.mjs");
        const command = spawnSync(process.execPath, [program, "shell"], { encoding: "utf8" });
        assert.match(command.stderr, /is being removed by process/);
        assert.equal(command.status, 1);
    });

    it("is seen in programs from it that a user started, but not in who asks", async () => {
        const cache = new Cache();
        refuseUsed(cache);
        const program = cache.path("pieces", "pulumi", "pulumi");
        copyFileSync("/bin/sleep", program);
        chmodSync(program, 0o755);
        const child = spawn(program, ["60"]);
        children.push(child);
        await once(child, "spawn");
        assert.throws(
            () => refuseUsed(cache),
            new RegExp(`in use by process ${child.pid} \\(\\S+pulumi 60, in /`),
        );
        child.kill();
        await once(child, "close");
        refuseUsed(cache);
    });

    it("is of the file that is there now, not of one that was removed meanwhile", async () => {
        const file = temporary("lock");
        const cleaner = await takeLock(file, { wait: Infinity });
        const waiting = takeLock(file, { wait: Infinity });
        setTimeout(() => {
            rmSync(file);
            cleaner!.release();
        }, 100);
        const lock = await waiting;
        assert.ok(existsSync(file));
        assert.equal(await takeLock(file, { wait: 0 }), undefined);
        lock!.release();
    });
});
