import assert from "node:assert/strict";
import { existsSync, mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Cache, cacheRoot } from "../../../system/cache.ts";
import { ArtifactRegistry } from "../../../source-builds/artifactRegistry.ts";
import type { Artifact } from "../../../source-builds/artifact.ts";
import { Progress } from "../../../system/progress.ts";
import { makeArtifacts } from "../../../source-builds/makeArtifacts.ts";
import { temporaryDirectory } from "../temporary.ts";

function artifact(
    name: string,
    recipe: string[],
    needs: string[] = [],
    make?: Artifact["make"],
): Artifact {
    return {
        name,
        version: "1",
        needs,
        cost: { build: true, disk: 0, minutes: 1 },
        recipe: () => recipe,
        make: make ?? (async () => undefined),
    };
}

describe("cache directory", () => {
    it("is where the environment says", () => {
        assert.equal(cacheRoot({ MULTINET_CACHE: "/x/y" }), "/x/y");
        assert.equal(cacheRoot({ XDG_CACHE_HOME: "/x" }), "/x/multinet");
        assert.match(cacheRoot({}), /\/\.cache\/multinet$/);
    });

    const temporary = temporaryDirectory();

    it("is private, also if it was not before", () => {
        mkdirSync(temporary("cache"), { mode: 0o755 });
        assert.equal(statSync(new Cache(temporary("cache")).root).mode & 0o777, 0o700);
    });

    it("shows an artifact only when it is whole", async () => {
        const cache = new Cache(temporary("cache"));
        await cache.add("a-1-x", async (into) => {
            writeFileSync(join(into, "program"), "1");
            assert.equal(cache.has("a-1-x"), false);
        });
        assert.equal(readFileSync(join(cache.dir("a-1-x"), "program"), "utf8"), "1");
    });

    it("keeps nothing of an artifact that failed, and drops what a killed run left", async () => {
        const cache = new Cache(temporary("cache"));
        const left = cache.path("pieces", ".partial-a-1-x-99", "junk");
        writeFileSync(left, "");
        const failing = cache.add("a-1-x", async (into) => {
            assert.equal(existsSync(left), false);
            assert.deepEqual(readdirSync(into), []);
            throw new Error("no");
        });
        await assert.rejects(failing, /no/);
        assert.deepEqual(readdirSync(cache.path("pieces")), []);
    });
});

describe("registry of artifacts", () => {
    const key = (artifacts: Artifact[]) => new ArtifactRegistry(artifacts).key("top");

    it("gives an artifact another directory when its recipe or anything it needs changes", () => {
        const top = artifact("top", ["a"], ["base"]);
        const first = key([top, artifact("base", ["x"])]);
        assert.match(first, /^top-1-[0-9a-f]{12}$/);
        assert.equal(key([top, artifact("base", ["x"])]), first);
        assert.notEqual(key([top, artifact("base", ["y"])]), first);
        assert.notEqual(
            key([artifact("top", ["a", ""], ["base"]), artifact("base", ["x"])]),
            first,
        );
    });

    it("orders artifacts after what they need, each once", () => {
        const artifacts = [
            artifact("a", [], ["b", "c"]),
            artifact("b", [], ["c"]),
            artifact("c", []),
        ];
        const order = new ArtifactRegistry(artifacts).inOrder(["a", "b"]).map(({ name }) => name);
        assert.deepEqual(order, ["c", "b", "a"]);
    });

    it("refuses artifacts that need each other, and unknown ones", () => {
        const registry = new ArtifactRegistry([
            artifact("a", [], ["b"]),
            artifact("b", [], ["a"]),
            artifact("c", [], ["d"]),
        ]);
        assert.throws(() => registry.inOrder(["a"]), /a -> b -> a/);
        assert.throws(() => registry.inOrder(["c"]), /no artifact "d"/);
    });
});

describe("making artifacts", () => {
    const temporary = temporaryDirectory();
    const tools = (artifacts: Artifact[], output: string[] = []) => ({
        cache: new Cache(temporary("cache")),
        registry: new ArtifactRegistry(artifacts),
        progress: new Progress({ write: (text) => output.push(text) }),
        signal: new AbortController().signal,
    });

    it("makes each once although two runs want it at the same time", async () => {
        let made = 0;
        const slow = artifact("slow", [], [], async (into, context) => {
            made++;
            await context.run("sleep", ["0.2"]);
            writeFileSync(join(into, "done"), "");
        });
        await Promise.all([
            makeArtifacts([slow], tools([slow])),
            makeArtifacts([slow], tools([slow])),
        ]);
        assert.equal(made, 1);
    });

    it("goes on after a failure with what was not made yet", async () => {
        let fail = true;
        const made: string[] = [];
        const first = artifact("first", [], [], async () => void made.push("first"));
        const second = artifact("second", [], ["first"], async (_into, context) => {
            assert.ok(existsSync(context.dir("first")));
            if (fail) {
                await context.run("sh", ["-c", "echo the reason >&2; exit 3"]);
            }
            made.push("second");
        });
        const run = () => makeArtifacts([first, second], tools([first, second]));
        await assert.rejects(run(), (error: Error) => {
            assert.match(error.message, /^Could not make second 1\./);
            assert.match(error.message, /exit code 3.*the reason/s);
            const log = /The whole log: (\S+)/.exec(error.message)?.[1] ?? "";
            assert.match(readFileSync(log, "utf8"), /the reason/);
            return true;
        });
        fail = false;
        await run();
        assert.deepEqual(made, ["first", "second"]);
    });
});
