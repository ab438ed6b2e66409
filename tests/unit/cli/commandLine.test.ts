import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Command } from "commander";
import {
    MISUSE,
    runCommandLine,
    stackAndFlags,
    stackCommand,
    type CommandFile,
} from "../../../cli/commandLine.ts";
import { separate, words as shell } from "../../../cli/commands/shell.ts";
import { PROJECT } from "../../../cli/project.ts";
import { temporaryDirectory } from "../temporary.ts";

describe("command line", () => {
    const { signal } = new AbortController();

    /** Runs it with two commands, and tells how it ended, what it wrote and what the command got. */
    async function run(...args: string[]) {
        const written: string[] = [];
        const got: { args: string[]; options: object }[] = [];
        const file = (words: Command): CommandFile => ({
            words: words.configureOutput({
                writeOut: (text) => written.push(text),
                writeErr: (text) => written.push(text),
            }),
            run: async ({ args }) => {
                got.push({ args, options: words.opts() });
                return 7;
            },
        });
        const verify = stackCommand("verify")
            .summary("measure")
            .argument("[stack]")
            .option("--json");
        const up = stackCommand("up").allowUnknownOption().allowExcessArguments();
        const loaded: string[] = [];
        const files = { verify: file(verify), up: file(up) };
        const load = (name: keyof typeof files) => async () => {
            loaded.push(name);
            return files[name];
        };
        const code = await withStreams(written, () =>
            runCommandLine({ verify: load("verify"), up: load("up") }, args, signal),
        );
        return { code, said: written.join(""), got: got[0], loaded };
    }

    it("gives a command its options, wherever they are, and returns its exit code", async () => {
        for (const args of [
            ["--stack", "x", "--json"],
            ["--json", "-s", "x"],
            ["--stack=x", "--json"],
        ]) {
            const { code, got, loaded } = await run("verify", ...args);
            assert.deepEqual(got, { args: [], options: { stack: "x", json: true } });
            assert.deepEqual([code, loaded], [7, ["verify"]]);
        }
    });

    it("refuses what it does not know, with a suggestion, before anything runs", async () => {
        for (const [args, said] of [
            [["verfy"], /unknown command 'verfy'[^]*Did you mean verify/],
            [["constructor"], /unknown command 'constructor'/],
            [["verify", "--jsn"], /unknown option '--jsn'[^]*Did you mean --json/],
            [["verify", "a", "b"], /too many arguments/],
            [[], /Usage:/],
        ] as const) {
            const result = await run(...args);
            assert.match(result.said, said);
            assert.deepEqual([result.code, result.got], [MISUSE, undefined]);
        }
    });

    it("does not take the next option for a stack's name", async () => {
        for (const args of [["--stack"], ["--stack="], ["--stack", "--json"], ["--config-file"]]) {
            const { code, said } = await run("verify", ...args);
            assert.match(said, /needs a value|argument missing/);
            assert.equal(code, MISUSE);
        }
    });

    it("passes on what belongs to pulumi, in its order", async () => {
        const { got } = await run("up", "dev", "--target", "urn", "-s", "x", "--skip-preview");
        assert.deepEqual(got?.args, ["dev", "--target", "urn", "--skip-preview"]);
        assert.deepEqual(got?.options, { stack: "x" });
        assert.deepEqual(stackAndFlags(got?.args ?? []), {
            stack: "dev",
            flags: ["--target", "urn", "--skip-preview"],
        });
        assert.deepEqual(stackAndFlags(["--refresh"]), { flags: ["--refresh"] });
        assert.deepEqual(stackAndFlags([]), { flags: [] });
    });

    it("helps with all commands, and with one", async () => {
        const all = await run("--help");
        assert.match(all.said, /verify \[options\] \[stack\] +measure/);
        assert.deepEqual([all.code, all.loaded], [0, ["verify", "up"]]);
        for (const args of [
            ["verify", "--help"],
            ["help", "verify"],
        ]) {
            const one = await run(...args);
            assert.match(one.said, /Usage: node multinet\.mjs verify .*--json/s);
            assert.deepEqual([one.code, one.got], [0, undefined]);
        }
    });
});

/** What the program itself writes goes to these standard streams. */
async function withStreams<T>(written: string[], action: () => Promise<T>): Promise<T> {
    const streams = [process.stdout, process.stderr];
    const originals = streams.map((stream) => stream.write.bind(stream));
    for (const stream of streams) {
        stream.write = (text: string | Uint8Array) => {
            written.push(text.toString());
            return true;
        };
    }
    try {
        return await action();
    } finally {
        streams.forEach((stream, i) => {
            stream.write = originals[i]!;
        });
    }
}

describe("a command for a pod", () => {
    it("keeps its own options, also those that multinet has", () => {
        for (const [typed, read] of [
            ["edge1 demo1", "edge1 demo1"],
            ["edge1 demo1 df -h", "edge1 demo1 -- df -h"],
            ["--stack x edge1 demo1 ls -s --help", "--stack x edge1 demo1 -- ls -s --help"],
            ["edge1 demo1 --stack x ls", "edge1 demo1 --stack x -- ls"],
            ["edge1 --stack=x demo1 ls", "edge1 --stack=x demo1 -- ls"],
            ["edge1 demo1 -- -x ls", "edge1 demo1 -- -x ls"],
            ["edge1 demo1 --help", "edge1 demo1 --help"],
        ] as const) {
            assert.equal(separate(typed.split(" ")).join(" "), read);
        }
    });

    it("arrives whole", async () => {
        let got: string[] = [];
        const run = async (words: Command) => {
            got = words.args;
            return 0;
        };
        const files = { shell: async () => ({ words: shell, separate, run }) };
        const { signal } = new AbortController();
        const typed = ["shell", "edge1", "demo1", "--stack", "x", "sh", "-c", "df -h; ls -s"];
        assert.equal(await runCommandLine(files, typed, signal), 0);
        assert.deepEqual(got, ["edge1", "demo1", "sh", "-c", "df -h; ls -s"]);
        assert.equal(shell.opts()["stack"], "x");
    });
});

describe("the commands that there are", () => {
    const folder = join(PROJECT, "cli", "commands");
    const names = readdirSync(folder).map((file) => file.replace(/\.ts$/, ""));
    const main = readFileSync(join(PROJECT, "cli", "main.ts"), "utf8");
    const { scripts } = JSON.parse(readFileSync(join(PROJECT, "package.json"), "utf8")) as {
        scripts: Record<string, string>;
    };

    for (const name of names) {
        it(`have words and a place in the list: ${name}`, async () => {
            const { words, run } = (await import(join(folder, `${name}.ts`))) as CommandFile;
            assert.equal(words.name(), name);
            assert.equal(typeof run, "function");
            assert.ok(words.summary() !== "" && words.description() !== "");
            const described = [...words.options, ...words.registeredArguments];
            assert.ok(described.every(({ description }) => description !== ""));
            assert.ok(main.includes(`${name}: () => import("./commands/${name}.ts")`));
        });
    }

    it("are scripts of npm, where a user types them", () => {
        const typed = Object.values(scripts).map((script) => script.split(" ")[2] ?? "");
        assert.deepEqual([...new Set([...typed, "completion"])].sort(), names.toSorted());
    });
});

describe("the program", () => {
    const temporary = temporaryDirectory();

    const start = (...args: string[]) =>
        spawnSync(process.execPath, [join(PROJECT, "multinet.mjs"), ...args], {
            encoding: "utf8",
            env: { ...process.env, MULTINET_CACHE: temporary("cache") },
        });

    it("knows all commands when it writes a script for a shell", () => {
        const { status, stdout } = start("completion", "bash");
        for (const line of ["status) words=", "completion) words=", "verify) words="]) {
            assert.ok(stdout.includes(line), line);
        }
        assert.equal(status, 0);
    });

    it("tells by its exit code that its arguments were refused", () => {
        const { status, stderr } = start("status", "--jsn");
        assert.match(stderr, /unknown option '--jsn'\n\(Did you mean --json\?\)/);
        assert.equal(status, MISUSE);
    });
});
