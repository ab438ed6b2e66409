import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { takeLock, withLock } from "../../../system/lock.ts";
import { execute } from "../../../system/process.ts";
import { isAlive, identity } from "../../../system/processIdentity.ts";
import { until } from "../../../system/until.ts";
import { temporaryDirectory } from "../temporary.ts";

const PROJECT = join(import.meta.dirname, "../../..");

describe("a lock that is held for a program", () => {
    const temporary = temporaryDirectory();
    const isFree = async () => {
        const lock = await takeLock(temporary("lock"), { wait: 0 });
        lock?.release();
        return lock !== undefined;
    };
    const pidIn = (file: string) => Number(readFileSync(temporary(file), "utf8"));

    it("ends with the program, whatever daemon that has left behind", async () => {
        // As Podman's aardvark-dns, which the first `podman run` of kind starts.
        const script = `sleep 600 >/dev/null 2>&1 & echo $! >"$1"; cat; echo done >&2; exit 7`;
        const { code, stdout, stderr } = await withLock(
            temporary("lock"),
            () => undefined,
            (hold) => {
                const args = ["-c", script, "sh", temporary("daemon")];
                return execute("sh", args, { hold, input: "a text" });
            },
        );
        const daemon = pidIn("daemon");
        try {
            assert.deepEqual([code, stdout, stderr], [7, "a text", "done\n"]);
            assert.ok(await isFree());
        } finally {
            process.kill(daemon, "SIGKILL");
        }
    });

    it("outlives its holder as long as the program runs", async () => {
        const source = `
            import { withLock } from "./system/lock.ts";
            import { execute } from "./system/process.ts";
            const [lock, pid] = process.argv.slice(1);
            const script = 'echo $$ >"$1"; exec sleep 600';
            await withLock(lock, () => undefined, (hold) => {
                return execute("sh", ["-c", script, "sh", pid], { hold, onLine: console.log });
            });`;
        const args = ["--input-type=module", "-e", source, temporary("lock"), temporary("pid")];
        const holder = spawn(process.execPath, args, { cwd: PROJECT, stdio: "ignore" });
        const started = () => {
            try {
                return pidIn("pid") > 0;
            } catch {
                return false;
            }
        };
        assert.ok(await until(started, 60_000));
        const program = identity(pidIn("pid"));
        holder.kill("SIGKILL");
        await once(holder, "close");
        assert.ok(isAlive(program));
        assert.equal(await isFree(), false);
        process.kill(program.pid, "SIGKILL");
        assert.ok(await until(isFree, 60_000));
    });

    it("lets the program be stopped with all that it started", async () => {
        const stop = new AbortController();
        const running = execute("sh", ["-c", "echo ready; sleep 600 & wait"], {
            hold: 0,
            signal: stop.signal,
            onLine: () => stop.abort(),
        });
        assert.equal((await running).code, undefined);
    });

    it("says when there is no such program", async () => {
        const { error } = await execute("no-such-program", [], { hold: 0 });
        assert.equal(error?.code, "ENOENT");
    });
});
