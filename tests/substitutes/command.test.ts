import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readFileSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sdk from "@pulumi/command/package.json" with { type: "json" };
import { Plugin, secret, UNKNOWN } from "./plugin.ts";
import type { Properties } from "./plugin.ts";

const URN = "urn:pulumi:dev::lab::multinet:components:Cluster$command:local:Command::greet";

describe("the substitute for the command plugin", function () {
    this.timeout(30_000);
    let plugin: Plugin;
    let folder: string;

    before(async () => {
        folder = realpathSync(mkdtempSync(join(tmpdir(), "multinet-command-")));
        plugin = await Plugin.start("command", { INHERITED: "yes" }, folder);
    });
    after(async () => {
        await plugin.stop();
        rmSync(folder, { recursive: true });
    });

    async function stdoutOf(inputs: Properties) {
        return (await plugin.create(URN, inputs)).outputs["stdout"];
    }

    it("says loudly what it is, and has the version that the SDK asks for", async () => {
        assert.equal(await plugin.version(), sdk.version);
        await plugin.saw(
            /substitute for the official command plugin 1\.2\.1, .* only command:local:Command$/,
        );
    });

    describe("check", () => {
        it("fills in the documented default", async () => {
            const { inputs, failures } = await plugin.check(URN, { create: "true" });
            assert.deepEqual(failures, []);
            assert.deepEqual(inputs, { create: "true", addPreviousOutputInEnv: true });
        });

        it("keeps secrets secret and lets unknown values pass", async () => {
            const given = {
                create: UNKNOWN,
                environment: secret({ TOKEN: "t" }),
                interpreter: UNKNOWN,
                addPreviousOutputInEnv: UNKNOWN,
                logging: UNKNOWN,
                triggers: [UNKNOWN],
            };
            const { inputs, failures } = await plugin.check(URN, given);
            assert.deepEqual(failures, []);
            assert.deepEqual(inputs, given);
        });

        for (const property of ["assetPaths", "archivePaths"]) {
            it(`refuses ${property} with the reason`, async () => {
                const { failures } = await plugin.check(URN, { create: "x", [property]: ["*"] });
                assert.equal(failures.length, 1);
                assert.equal(failures[0]?.property, property);
                assert.match(failures[0]?.reason ?? "", /not supported by the substitute/);
            });
        }

        it("refuses values of a wrong type", async () => {
            const { failures } = await plugin.check(URN, {
                create: 1,
                environment: { A: 1 },
                interpreter: "/bin/sh",
                logging: "loud",
                triggers: {},
            });
            assert.deepEqual(
                failures.map(({ property }) => property),
                ["create", "environment", "interpreter", "logging", "triggers"],
            );
        });

        it("refuses other types with the reason", async () => {
            const urn = "urn:pulumi:dev::lab::command:remote:Command::far";
            const { failures } = await plugin.check(urn, {});
            assert.match(
                failures[0]?.reason ?? "",
                /^command:remote:Command cannot be used: this is a substitute/,
            );
            await assert.rejects(plugin.create(urn, {}), /command:remote:Command cannot be used/);
        });
    });

    describe("create", () => {
        it("runs the command and cuts one newline off its output", async () => {
            const { id, outputs } = await plugin.create(URN, {
                create: "echo hello; echo; echo oops >&2",
            });
            assert.match(id, /^greet[0-9a-f]{8}$/);
            assert.equal(outputs["stdout"], "hello\n");
            assert.equal(outputs["stderr"], "oops");
            assert.equal(outputs["create"], "echo hello; echo; echo oops >&2");
        });

        it("runs nothing in preview", async () => {
            const mark = join(folder, "preview");
            const { id, outputs } = await plugin.create(URN, { create: `touch ${mark}` }, true);
            assert.equal(id, "");
            assert.deepEqual([outputs["stdout"], outputs["stderr"]], [UNKNOWN, UNKNOWN]);
            assert.equal(existsSync(mark), false);
        });

        it("passes environment and stdin on, and leaves its own environment in place", async () => {
            const inputs = {
                create: 'read line; echo "$line $MORE $INHERITED"',
                environment: { MORE: "'quoted' \"and\" $plain" },
                stdin: "typed\n",
            };
            assert.equal(await stdoutOf(inputs), "typed 'quoted' \"and\" $plain yes");
        });

        it("runs in the program's directory or in dir", async () => {
            assert.equal(await stdoutOf({ create: "pwd" }), folder);
            assert.equal(await stdoutOf({ create: "pwd", dir: "/" }), "/");
            await assert.rejects(
                plugin.create(URN, { create: "pwd", dir: "/nowhere" }),
                /cannot start \/bin\/sh in \/nowhere/,
            );
        });

        it("uses the interpreter", async () => {
            const interpreter = [process.execPath, "--print"];
            assert.equal(await stdoutOf({ create: "6 * 7", interpreter }), "42");
        });

        it("does nothing without a command", async () => {
            const { outputs } = await plugin.create(URN, { delete: "false" });
            assert.deepEqual(outputs, { delete: "false", stdout: "", stderr: "" });
        });

        it("fails with exit code and output", async () => {
            await assert.rejects(
                plugin.create(URN, { create: "echo so far; echo oops >&2; exit 3" }),
                (error: Error) => {
                    assert.match(error.message, /exit status 3: running "echo so far/);
                    assert.match(error.message, /\nso far\n/);
                    assert.match(error.message, /\noops\n/);
                    return true;
                },
            );
        });

        it("marks what came in as a secret, and nothing else", async () => {
            const { outputs } = await plugin.create(URN, {
                create: "echo $TOKEN",
                environment: secret({ TOKEN: "t" }),
            });
            assert.deepEqual(outputs["environment"], secret({ TOKEN: "t" }));
            // As documented: secrets in the output are marked by additionalSecretOutputs.
            assert.equal(outputs["stdout"], "t");
        });

        it("logs the streams that logging names", async () => {
            const create = 'echo "$1 on stdout"; echo "$1 on stderr" >&2';
            const lines = async (logging: string | undefined) => {
                const mark = logging ?? "default";
                await plugin.create(URN, {
                    create: create.replaceAll("$1", mark),
                    ...(logging && { logging }),
                });
                return ["stdout", "stderr"].filter((name) =>
                    plugin.logged.includes(`${mark} on ${name}`),
                );
            };
            assert.deepEqual(await lines(undefined), ["stdout", "stderr"]);
            assert.deepEqual(await lines("stdout"), ["stdout"]);
            assert.deepEqual(await lines("stderr"), ["stderr"]);
            assert.deepEqual(await lines("stdoutAndStderr"), ["stdout", "stderr"]);
            assert.deepEqual(await lines("none"), []);
        });

        it("stops a command and its children when the update is cancelled", async () => {
            const create = "echo started; sleep 60; echo never";
            const created = plugin.create(URN, { create });
            const failed = assert.rejects(created, /cancelled .*\nstarted\n$/s);
            await plugin.saw(/^started$/);
            await plugin.cancel();
            await failed;
        });

        it("kills a command that does not stop, and waits for nothing it has left behind", async () => {
            const create =
                "trap '' TERM; setsid sleep 30 & echo stubborn; while :; do sleep 1; done";
            const failed = assert.rejects(
                plugin.create(URN, { create }),
                /cancelled \(signal SIGKILL\)/,
            );
            await plugin.saw(/^stubborn$/);
            await plugin.cancel();
            await failed;
        });
    });

    describe("diff", () => {
        const old = {
            id: "greet1",
            inputs: { create: "a", environment: { A: "1" }, triggers: ["x", { y: 1 }] },
            outputs: {},
        };

        it("finds nothing where nothing changed", async () => {
            const now = { triggers: ["x", { y: 1 }], environment: { A: "1" }, create: "a" };
            assert.deepEqual((await plugin.diff(URN, old, now)).changed, []);
        });

        it("updates on a change of any input and replaces on a change of triggers", async () => {
            const changed = { ...old.inputs, create: "b", environment: secret({ A: "2" }) };
            const { changed: names, replaces } = await plugin.diff(URN, old, changed);
            assert.deepEqual(names, ["create", "environment"]);
            assert.deepEqual(replaces, []);
            const triggered = { ...old.inputs, triggers: ["x", UNKNOWN] };
            const { replaces: triggers } = await plugin.diff(URN, old, triggered);
            assert.deepEqual(triggers, ["triggers"]);
        });
    });

    describe("update", () => {
        it("runs update, or create where there is none, with the output of the last run", async () => {
            const create = 'echo "[$PULUMI_COMMAND_STDOUT|$PULUMI_COMMAND_STDERR]"; echo e >&2';
            const first = await plugin.create(URN, { create });
            assert.equal(first.outputs["stdout"], "[|]");
            const again = await plugin.update(URN, first, { create, stdin: "x" });
            assert.equal(again.outputs["stdout"], "[[|]|e]");
            const update = 'echo "updated after $PULUMI_COMMAND_STDOUT"';
            const other = await plugin.update(URN, first, { create, update });
            assert.equal(other.outputs["stdout"], "updated after [|]");
            const inputs = { create, addPreviousOutputInEnv: false };
            const without = await plugin.update(URN, first, inputs);
            assert.equal(without.outputs["stdout"], "[|]");
        });

        it("runs nothing in preview", async () => {
            const mark = join(folder, "updated");
            const first = await plugin.create(URN, { create: "true" });
            const inputs = { create: `touch ${mark}` };
            const { outputs } = await plugin.update(URN, first, inputs, true);
            assert.equal(outputs["stdout"], UNKNOWN);
            assert.equal(existsSync(mark), false);
        });
    });

    it("keeps what it recorded on refresh, and can import nothing", async () => {
        const first = await plugin.create(URN, { create: "echo once" });
        assert.deepEqual(await plugin.read(URN, first), first);
        await assert.rejects(
            plugin.read(URN, { id: "x", inputs: {}, outputs: {} }),
            /can neither import nor get/,
        );
    });

    it("runs the recorded delete command with the recorded output", async () => {
        const mark = join(folder, "deleted");
        const command = {
            create: "echo made",
            delete: `echo "$PULUMI_COMMAND_STDOUT gone" > ${mark}`,
        };
        await plugin.delete(URN, await plugin.create(URN, command));
        assert.equal(readFileSync(mark, "utf8"), "made gone\n");
        await plugin.delete(URN, await plugin.create(URN, { create: "true" }));
        const broken = await plugin.create(URN, { delete: "exit 4" });
        await assert.rejects(plugin.delete(URN, broken), /exit status 4/);
    });
});
