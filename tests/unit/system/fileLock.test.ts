import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync } from "node:fs";
import { lockByOpening } from "../../../system/fileLock.ts";
import { temporaryDirectory } from "../temporary.ts";

/** What opening a file with O_EXLOCK or O_SHLOCK and O_NONBLOCK does on macOS, by the same kind of lock of this kernel. */
const opening = ((file: string, flags: number) => {
    const descriptor = openSync(file, "a");
    const kind = (flags & 0x20) !== 0 ? "--exclusive" : "--shared";
    const stdio = ["ignore", "ignore", "ignore", descriptor] as const;
    if (spawnSync("flock", [kind, "--nonblock", "3"], { stdio: [...stdio] }).status !== 0) {
        closeSync(descriptor);
        throw Object.assign(new Error("EAGAIN"), { code: "EAGAIN" });
    }
    return descriptor;
}) as typeof openSync;

describe("lock that is taken as a file is opened", () => {
    const temporary = temporaryDirectory();
    const take = (request: Parameters<typeof lockByOpening>[1], signal?: AbortSignal) =>
        lockByOpening(temporary("lock"), request, signal, opening);

    it("is for one alone, or shared", async () => {
        const one = await take({ shared: true, wait: 0 });
        const two = await take({ shared: true, wait: 0 });
        assert.equal(await take({ wait: 0 }), undefined);
        closeSync(one!);
        assert.equal(await take({ wait: 150 }), undefined);
        closeSync(two!);
        const alone = await take({ wait: 0 });
        assert.equal(await take({ shared: true, wait: 0 }), undefined);
        closeSync(alone!);
    });

    it("is waited for, or given up", async () => {
        const held = await take({ wait: 0 });
        const stop = new AbortController();
        const givenUp = assert.rejects(take({ wait: Infinity }, stop.signal));
        stop.abort();
        await givenUp;
        const waiting = take({ wait: Infinity });
        closeSync(held!);
        closeSync((await waiting)!);
    });

    it("ends with the last process that has it", async () => {
        const held = await take({ wait: 0 });
        const child = spawn("sleep", ["60"], { stdio: ["ignore", "ignore", "ignore", held!] });
        closeSync(held!);
        assert.equal(await take({ wait: 0 }), undefined);
        child.kill("SIGKILL");
        await once(child, "close");
        closeSync((await take({ wait: 0 }))!);
    });

    it("hides no other error", async () => {
        const denied = () => {
            throw Object.assign(new Error("EACCES: no"), { code: "EACCES" });
        };
        await assert.rejects(
            lockByOpening(temporary("lock"), { wait: 0 }, undefined, denied),
            /EACCES/,
        );
    });
});
