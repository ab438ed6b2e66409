import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { containerEngine } from "../../provider/containerEngine.ts";
import type { EngineInputs } from "../../provider/containerEngine.ts";
import type { Call } from "../../provider/resource.ts";
import { RuntimeSilent } from "../../provider/runtime/silent.ts";
import { FakeWorld } from "./fakes/world.ts";

describe("the container engine of a stack", () => {
    let folder: string;
    let world: FakeWorld;
    const resource = containerEngine(() => world);
    const inputs: EngineInputs = { runtime: "docker" };
    const call: Call = {
        urn: "urn",
        preview: false,
        signal: new AbortController().signal,
        log: () => undefined,
    };

    beforeEach(() => {
        folder = mkdtempSync(join(tmpdir(), "multinet-engine-test-"));
        world = new FakeWorld(folder);
    });
    afterEach(() => {
        rmSync(folder, { recursive: true });
    });

    const recorded = async (preview = false) => ({
        inputs,
        ...(await resource.create(inputs, { ...call, preview })),
    });

    it("is found, in a preview as well", async () => {
        for (const preview of [false, true]) {
            const { id, outputs } = await recorded(preview);
            assert.equal(id, "engine");
            assert.deepEqual(outputs, { ...inputs, address: "DOCKER_HOST=unix:///here" });
        }
    });

    it("is the same wherever it answers", async () => {
        const old = await recorded();
        const moved = { ...old, outputs: { ...old.outputs, address: "elsewhere" } };
        assert.deepEqual((await resource.diff(moved, inputs, call)).changes, {});
        assert.ok(await resource.read(moved, call));
    });

    it("is refused when it is another one, with both ways out", async () => {
        const old = await recorded();
        world.behaviour = { engine: "other" };
        for (const attempt of [
            () => resource.diff(old, inputs, call),
            () => resource.read(old, call),
            () => resource.update(old, inputs, call),
        ]) {
            await assert.rejects(attempt, (error: Error) => {
                assert.match(error.message, /engine engine, which answered at DOCKER_HOST=unix:/);
                assert.match(error.message, /another one, other, .*lead docker back to the former/);
                assert.match(error.message, /pulumi stack rm --force --preserve-config STACK/);
                return true;
            });
        }
    });

    it("is not taken for another one when it does not answer", async () => {
        const old = await recorded();
        world.behaviour = { silent: true };
        await assert.rejects(resource.diff(old, inputs, call), RuntimeSilent);
    });

    it("outlives the stack", async () => {
        await resource.delete(await recorded(), call);
    });
});
