import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { execute, run } from "../../../system/process.ts";
import { identity, isAlive } from "../../../system/processIdentity.ts";
import { temporaryDirectory } from "../temporary.ts";

async function* chunks(number: number): AsyncGenerator<Buffer> {
    for (let i = 0; i < number; i++) {
        yield Buffer.alloc(1 << 16, "x");
    }
}

describe("running a program for the command line", () => {
    const temporary = temporaryDirectory();

    it("passes input, environment and arguments as they are", async () => {
        const script = 'cat; printf "%s %s" "$VALUE" "$1"';
        const output = await run("sh", ["-c", script, "sh", "$(no) `shell`"], {
            input: "in ",
            env: { VALUE: "v" },
        });
        assert.equal(output, "in v $(no) `shell`");
        writeFileSync(temporary("in"), "from a file");
        await run("cat", [], { input: { file: temporary("in") }, output: temporary("out") });
        assert.equal(readFileSync(temporary("out"), "utf8"), "from a file");
        await run("dd", [`of=${temporary("copy")}`], { input: chunks(20) });
        assert.equal(readFileSync(temporary("copy")).length, 20 << 16);
    });

    it("says what is not there", async () => {
        await assert.rejects(run("no-such-program", []), /no such program on PATH/);
        await assert.rejects(run("cat", [], { input: { file: temporary("none") } }), /ENOENT/);
    });

    it("fails with the program's own words when it stops reading", async () => {
        const script = "process.stderr.write('disk full'); process.exit(3)";
        const fed = run(process.execPath, ["-e", script], { input: chunks(1000) });
        await assert.rejects(fed, /ended with exit code 3\. Its last lines:\s+disk full/);
    });

    it("fails with what broke the input, whatever the program made of it", async () => {
        async function* broken(): AsyncGenerator<Buffer> {
            yield Buffer.from("x");
            throw new Error("file is gone");
        }
        for (const script of ["cat", "cat; exit 1"]) {
            const fed = run("sh", ["-c", script], { input: broken() });
            await assert.rejects(fed, /file is gone/);
        }
    });

    /** Starts `script` in a shell that reports its number, and returns the number of the process it starts. */
    async function pidIn(file: string): Promise<number> {
        for (;;) {
            const text = await Promise.resolve(readIfThere(file));
            if (text.endsWith("\n")) {
                return Number(text);
            }
            await sleep(10);
        }
    }

    it("ends the program and what it started when it is aborted", async () => {
        const stop = new AbortController();
        const script = `sleep 60 & echo $! > ${temporary("pid")}; wait`;
        const running = run("sh", ["-c", script], { signal: stop.signal });
        const started = identity(await pidIn(temporary("pid")));
        stop.abort(new Error("enough"));
        await assert.rejects(running, /^Error: enough$/);
        while (isAlive(started)) {
            await sleep(10);
        }
    });

    it("ends what takes too long, and says so with its last lines", async () => {
        const late = run("sh", ["-c", "echo so far; sleep 60"], { limit: 300 });
        await assert.rejects(late, /It was ended after .*"sh -c .* ended with SIGTERM.*so far/s);
    });

    it("keeps of what a program writes besides its output only the end", async () => {
        const script = "echo whole; echo early >&2; echo late >&2; exit 3";
        const outcome = await execute("sh", ["-c", script], { keep: 5 });
        const { code, stdout, stderr } = outcome;
        assert.deepEqual([code, stdout, stderr], [3, "whole\n", "late\n"]);
        assert.equal(outcome.said.length, 5);
    });

    it("takes from the environment what is undefined there", async () => {
        assert.equal(await run("sh", ["-c", "echo $HOME"], { env: { HOME: undefined } }), "\n");
    });

    it("kills what does not end when it is asked to, and does not wait for what that left behind", async () => {
        // The program ignores the signal; what it started has a session of its own and keeps the output open.
        const script = `trap '' TERM; setsid sleep 60 & echo $! > ${temporary("pid")}; while :; do sleep 1; done`;
        const late = run("bash", ["-c", script], { limit: 300 });
        await assert.rejects(late, /It was ended after .* ended with SIGKILL/s);
        process.kill(await pidIn(temporary("pid")), "SIGKILL");
    });
});

function readIfThere(file: string): string {
    try {
        return readFileSync(file, "utf8");
    } catch {
        return "";
    }
}
