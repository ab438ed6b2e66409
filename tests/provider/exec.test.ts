import assert from "node:assert/strict";
import { setTimeout } from "node:timers/promises";
import { exec } from "../../provider/exec.ts";
import { CommandFailed, CommandTimeout } from "../../system/process.ts";

const node = (script: string, ...args: string[]): [string, string[]] => [
    process.execPath,
    ["-e", script, ...args],
];

describe("running a program for the provider", function () {
    this.timeout(15_000);
    const failureOf = (promise: Promise<unknown>) =>
        promise.then(
            () => assert.fail("it should fail"),
            (error: unknown) => error as CommandFailed,
        );

    it("passes arguments and input on as they are", async () => {
        const odd = ["$(id)", "a b", "`x`", ";", "'\"", "--", ""];
        const script =
            "process.stdin.pipe(process.stdout); console.log(JSON.stringify(process.argv.slice(1)))";
        const said = await exec(...node(script, "x", ...odd), { input: "from stdin" });
        assert.equal(said, `${JSON.stringify(["x", ...odd])}\nfrom stdin`);
    });

    it("quotes the last lines of a failure, and hides what is secret", async () => {
        const script =
            "for (let i = 0; i < 30; i++) console.error('line ' + i); console.error('hush'); process.exit(3)";
        const error = await failureOf(exec(...node(script, "hush"), { secrets: ["hush"] }));
        assert.ok(error instanceof CommandFailed);
        assert.equal(error.code, 3);
        assert.match(error.message, /failed with code 3\nline 19\n/);
        assert.match(error.message, /line 29\n\*\*\*$/);
        assert.ok(!error.message.includes("hush"));
    });

    it("hides the passwords of URLs, wherever they stand, in what it shows line by line too", async () => {
        const url = "HTTPS_PROXY=http://me:hush%40@proxy:3128";
        const lines: string[] = [];
        const script = "console.error('tried ' + process.argv[1]); process.exit(1)";
        const options = { onLine: (line: string) => void lines.push(line) };
        const error = await failureOf(exec(...node(script, url), options));
        for (const text of [error.message, error.stderr, ...lines]) {
            assert.match(text, /http:\/\/me:\*\*\*@proxy:3128/);
            assert.ok(!text.includes("hush"));
        }
    });

    it("ends although something that left its group holds its output open", async () => {
        const script =
            "require('node:child_process').spawn('sleep', ['8'], { detached: true, stdio: 'inherit' })";
        const start = performance.now();
        const error = await failureOf(exec(...node(script), { timeout: 300 }));
        assert.ok(error instanceof CommandTimeout);
        assert.ok(performance.now() - start < 7500);
    });

    it("says when a program is not there, and what to do", async () => {
        const error = await failureOf(exec("no-such-program", []));
        assert.match(error.message, /no-such-program is not on PATH; `npm run up` brings it/);
    });

    it("stops what takes too long", async () => {
        const error = await failureOf(exec("sleep", ["60"], { timeout: 100 }));
        assert.ok(error instanceof CommandTimeout);
        assert.equal(error.message, "sleep 60: not done after 100 ms");
    });

    it("stops all that a program started with it", async () => {
        const script =
            "const {spawn} = require('node:child_process');" +
            "console.error(spawn('sleep', ['60'], {stdio: 'inherit'}).pid);" +
            "setInterval(() => {}, 1000)";
        const controller = new AbortController();
        let grandchild = 0;
        const running = exec(...node(script), {
            signal: controller.signal,
            onLine: (line) => {
                grandchild = Number(line);
                controller.abort(new Error("enough"));
            },
        });
        assert.equal((await failureOf(running)).message, "enough");
        assert.ok(grandchild > 0);
        for (let alive = true; alive;) {
            try {
                process.kill(grandchild, 0);
                await setTimeout(20);
            } catch {
                alive = false;
            }
        }
    });

    it("kills what does not want to stop", async () => {
        const controller = new AbortController();
        const script =
            "process.on('SIGTERM', () => {}); console.error('up'); setInterval(() => {}, 1000)";
        const running = exec(...node(script), {
            signal: controller.signal,
            onLine: () => {
                controller.abort(new Error("enough"));
            },
        });
        assert.equal((await failureOf(running)).message, "enough");
        assert.equal(
            (await failureOf(exec("true", [], { signal: controller.signal }))).message,
            "enough",
        );
    });

    it("keeps passphrases and the user's kubeconfig from its children", async () => {
        process.env["PULUMI_CONFIG_PASSPHRASE"] = "canary";
        process.env["KUBECONFIG"] = "mine";
        try {
            const environment = node("console.log(JSON.stringify(process.env))");
            const said = await exec(...environment);
            assert.ok(!said.includes("canary") && !said.includes("KUBECONFIG"));
            const told = await exec(...environment, { env: { KUBECONFIG: "ours" } });
            assert.ok(told.includes('"KUBECONFIG":"ours"') && told.includes('"PATH":'));
        } finally {
            delete process.env["PULUMI_CONFIG_PASSPHRASE"];
            delete process.env["KUBECONFIG"];
        }
    });
});
