import assert from "node:assert/strict";
import { FakeEngine } from "./fakeEngine.ts";
import { UNKNOWN } from "./plugin.ts";
import type { Plugin, Properties, Recorded } from "./plugin.ts";

const IMAGE = "urn:pulumi:dev::lab::docker:index/remoteImage:RemoteImage::node";

describe("the substitute for docker's RemoteImage", function () {
    this.timeout(30_000);
    let engine: FakeEngine;
    let plugin: Plugin;

    before(async () => {
        engine = await FakeEngine.start();
        ({ plugin } = engine);
    });
    beforeEach(() => {
        engine.reset();
    });
    after(async () => {
        await engine.stop();
    });

    const name = "mirror.example:5000/kindest/node:v1";
    const digest = "mirror.example:5000/kindest/node@sha256:11";
    const here = { Id: "sha256:aa", RepoDigests: [digest, "kindest/node@sha256:22"] };

    async function image(inputs: Properties = { name }): Promise<Recorded> {
        return plugin.create(IMAGE, inputs);
    }

    it("checks its inputs", async () => {
        const inputs = { name, keepLocally: true, forceRemove: false, pullTriggers: ["x"] };
        assert.deepEqual(await plugin.check(IMAGE, inputs), { inputs, failures: [] });
        const { failures } = await plugin.check(IMAGE, { build: { context: "." } });
        assert.deepEqual(
            failures.map(({ property }) => property),
            ["build", "name"],
        );
        assert.match(failures[0]?.reason ?? "", /not supported by the substitute/);
    });

    it("is not pulled when it is here", async () => {
        engine.reset({ images: { [name]: here } });
        const { id, outputs } = await image();
        assert.equal(id, `sha256:aa${name}`);
        assert.deepEqual(outputs, { name, imageId: "sha256:aa", repoDigest: digest });
        assert.deepEqual(engine.commands, ["image inspect"]);
    });

    it("has no digest when it never was in a registry", async () => {
        engine.reset({ images: { [name]: { Id: "sha256:aa", RepoDigests: [] } } });
        assert.equal((await image()).outputs["repoDigest"], "");
    });

    it("is pulled for the platform when it is not here", async () => {
        engine.reset({ registry: { [name]: here } });
        const { outputs } = await image({ name, platform: "linux/arm64" });
        assert.equal(outputs["imageId"], "sha256:aa");
        const pull = engine.state.calls.find(({ args }) => args[0] === "pull");
        assert.deepEqual(pull?.args, ["pull", "--quiet", "--platform=linux/arm64", "--", name]);
    });

    it("fails with the engine's words when it cannot be pulled or looked at", async () => {
        await assert.rejects(image(), /cannot pull docker image mirror.*manifest for .* not found/);
        engine.reset({ down: [""] });
        await assert.rejects(image(), /cannot look at docker image mirror.*Cannot connect/);
    });

    it("touches nothing in preview", async () => {
        const { outputs } = await plugin.create(IMAGE, { name }, true);
        assert.deepEqual([outputs["imageId"], outputs["repoDigest"]], [UNKNOWN, UNKNOWN]);
        assert.deepEqual(engine.commands, []);
    });

    it("is replaced by another name, platform or trigger, and otherwise updated", async () => {
        const old = { id: "x", inputs: { name, pullTriggers: ["a", "b"] }, outputs: {} };
        const replaces = async (now: Properties) =>
            (await plugin.diff(IMAGE, old, { ...old.inputs, ...now })).replaces;
        assert.deepEqual(await replaces({ name: "other" }), ["name"]);
        assert.deepEqual(await replaces({ platform: "linux/arm64" }), ["platform"]);
        assert.deepEqual(await replaces({ pullTriggers: ["a"] }), ["pullTriggers"]);
        assert.deepEqual(await replaces({ pullTriggers: ["b", "a"] }), []);
        const kept = { ...old.inputs, keepLocally: true, forceRemove: true };
        const { changed, replaces: none } = await plugin.diff(IMAGE, old, kept);
        assert.deepEqual(changed, ["keepLocally", "forceRemove"]);
        assert.deepEqual(none, []);
    });

    it("is looked at again by an update and pulled if it went missing", async () => {
        engine.reset({ images: { [name]: here } });
        const old = await image();
        engine.reset({ registry: { [name]: { Id: "sha256:bb", RepoDigests: [] } } });
        const preview = await plugin.update(IMAGE, old, { name, keepLocally: true }, true);
        assert.equal(preview.outputs["imageId"], "sha256:aa");
        const { outputs } = await plugin.update(IMAGE, old, { name, keepLocally: true });
        assert.equal(outputs["imageId"], "sha256:bb");
        assert.equal(outputs["keepLocally"], true);
    });

    it("is seen by refresh, gone or not", async () => {
        engine.reset({ images: { [name]: here } });
        const old = await image();
        assert.deepEqual(await plugin.read(IMAGE, old), old);
        engine.reset();
        assert.equal(await plugin.read(IMAGE, old), undefined);
    });

    it("is deleted unless it is kept locally", async () => {
        engine.reset({ images: { [name]: here } });
        await plugin.delete(IMAGE, await image({ name, keepLocally: true }));
        assert.deepEqual(Object.keys(engine.state.images), [name]);
        const forced = await image({ name, forceRemove: true });
        await plugin.delete(IMAGE, forced);
        assert.deepEqual(engine.state.calls.at(-1)?.args, ["image", "rm", "--force", "--", name]);
        assert.deepEqual(engine.state.images, {});
        await plugin.delete(IMAGE, forced);
    });
});
