import assert from "node:assert/strict";
import {
    existsSync,
    mkdirSync,
    readFileSync,
    readlinkSync,
    rmSync,
    symlinkSync,
    truncateSync,
    writeFileSync,
} from "node:fs";
import { Cache } from "../../../system/cache.ts";
import { Builder } from "../../../source-builds/builder.ts";
import { forgetSilentHosts } from "../../../system/http.ts";
import { Progress } from "../../../system/progress.ts";
import { Plugins } from "../../../cli/setup/plugins.ts";
import { versions } from "../../../plan/versions.ts";
import { temporaryDirectory, withoutChoice } from "../temporary.ts";

describe("provider plugins", () => {
    const temporary = temporaryDirectory();
    withoutChoice();
    const { fetch } = globalThis;
    const { HOME } = process.env;
    let answers: () => Response;

    beforeEach(() => {
        forgetSilentHosts();
        process.env["HOME"] = temporary(); // where the user may have plugins of his own
        globalThis.fetch = async () => answers();
        mkdirSync(temporary("cache"), { mode: 0o700 });
    });
    afterEach(() => {
        globalThis.fetch = fetch;
        process.env["HOME"] = HOME;
    });

    const offline = () => {
        throw new TypeError("fetch failed", {
            cause: Object.assign(new Error("no such host"), { code: "ENOTFOUND" }),
        });
    };
    const online = () => new Response("x", { status: 206 });
    const newBuilder = () =>
        new Builder(
            new Cache(temporary("cache")),
            new Progress({ write: () => true }),
            new AbortController().signal,
        );
    const newPlugins = () => new Plugins(temporary("home"), newBuilder());
    const program = (name: "docker" | "command" | "kubernetes") =>
        temporary(
            "home/plugins",
            `resource-${name}-v${versions.plugins[name]}`,
            `pulumi-resource-${name}`,
        );
    const isSubstitute = (name: "docker" | "command") => {
        try {
            readlinkSync(program(name));
            return false;
        } catch {
            return existsSync(program(name));
        }
    };

    async function setUp(inUse: boolean): Promise<{ wanted: string[]; said: string }> {
        forgetSilentHosts();
        const plugins = newPlugins();
        const wanted = await plugins.artifacts(() => inUse);
        const { dir } = newBuilder();
        for (const artifact of wanted) {
            mkdirSync(dir(artifact), { recursive: true });
        }
        const said: string[] = [];
        plugins.place((line) => said.push(line));
        return { wanted, said: said.join("\n") };
    }

    it("are replaced where they cannot be had, which is said with the reason", async () => {
        answers = offline;
        const { wanted, said } = await setUp(false);
        assert.deepEqual(wanted, ["pulumi-resource-kubernetes"]);
        assert.match(said, /substitute for the docker plugin .* cannot be reached: no such host/);
        assert.ok(isSubstitute("docker") && isSubstitute("command"));
        assert.equal((await setUp(false)).said, ""); // once
    });

    it("are the official ones as soon as they can be had and nothing depends on the others", async () => {
        answers = offline;
        await setUp(false);
        answers = online;
        const { wanted } = await setUp(true);
        assert.deepEqual(wanted, ["pulumi-resource-kubernetes"]);
        assert.ok(isSubstitute("docker"));
        assert.equal((await setUp(false)).wanted.length, 3);
        assert.ok(!isSubstitute("docker") && !isSubstitute("command"));
        // From then on they are in the cache.
        answers = offline;
        assert.equal((await setUp(true)).wanted.length, 3);
        assert.ok(!isSubstitute("docker"));
    });

    it("stay what the resources of this project were made with, whatever others have in the cache", async () => {
        answers = offline;
        await setUp(false);
        mkdirSync(newBuilder().dir("pulumi-resource-docker"), { recursive: true });
        await setUp(true);
        assert.ok(isSubstitute("docker"));
        await setUp(false);
        assert.ok(!isSubstitute("docker"));
    });

    it("are not replaced because a page blocks the official ones", async () => {
        answers = () => new Response("<html>blocked</html>", { status: 403 });
        await assert.rejects(setUp(false), /docker.* answered 403.*MULTINET_SOURCE=build/s);
        assert.ok(!existsSync(program("docker")));
    });

    it("are those that the user asks for, as long as nothing depends on others", async () => {
        process.env["MULTINET_SOURCE"] = "build";
        answers = () => assert.fail("nothing is asked for");
        const { said } = await setUp(false);
        assert.match(said, /substitute for the docker plugin .* MULTINET_SOURCE=build/);
        process.env["MULTINET_SOURCE"] = "download";
        assert.deepEqual((await setUp(true)).wanted, ["pulumi-resource-kubernetes"]);
        answers = offline;
        await assert.rejects(setUp(false), /no such host.*\nMULTINET_SOURCE=download rules out/s);
        answers = online;
        assert.equal((await setUp(false)).wanted.length, 3);
    });

    it("are written again when a full disk left half of one, and never over what a link leads to", async () => {
        answers = offline;
        await setUp(false);
        const whole = readFileSync(program("docker"), "utf8");
        truncateSync(program("docker"), 9);
        await setUp(true);
        assert.equal(readFileSync(program("docker"), "utf8"), whole);
        writeFileSync(temporary("official"), "precious");
        rmSync(program("docker"));
        symlinkSync(temporary("official"), program("docker"));
        await setUp(false);
        assert.equal(readFileSync(program("docker"), "utf8"), whole);
        assert.equal(readFileSync(temporary("official"), "utf8"), "precious");
    });
});
