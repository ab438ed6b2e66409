import assert from "node:assert/strict";
import { rmSync } from "node:fs";
import type { KindInputs, KindOutputs } from "../../../provider/kind/spec.ts";
import { CONTROL_PLANE, labCluster } from "../labCluster.ts";

describe("a kind cluster", function () {
    this.timeout(20_000);
    const lab = labCluster();

    describe("read", () => {
        it("tells the present addresses of the nodes that run", async () => {
            lab.inputs = lab.inputsOf("lab-dev-edge1", 1);
            const old = await lab.created();
            lab.world.change(CONTROL_PLANE, { networks: { "lab-dev": "10.200.0.50" } });
            lab.world.change("lab-dev-edge1-worker", {
                state: "stopped",
                networks: { "lab-dev": "" },
            });
            const found = await lab.resource.read(old, lab.call());
            assert.deepEqual(found?.inputs, lab.inputs);
            assert.deepEqual(found.outputs, {
                ...old.outputs,
                nodeAddresses: { [CONTROL_PLANE]: "10.200.0.50" },
            });
        });

        it("calls it gone when nothing is left; until then the next update is as without a refresh", async () => {
            lab.inputs = lab.inputsOf("lab-dev-edge1", 1);
            const old = await lab.created();
            lab.world.drop(CONTROL_PLANE);
            const found = await lab.resource.read(old, lab.call());
            assert.ok(found);
            assert.deepEqual(await lab.changesOf({ ...old, ...found }), await lab.changesOf(old));
            lab.world.drop("lab-dev-edge1-worker");
            assert.ok(await lab.resource.read(old, lab.call()));
            rmSync(lab.inputs.kubeconfigPath);
            assert.equal(await lab.resource.read(old, lab.call()), undefined);
        });

        it("refuses another container engine, in which all would seem gone; so does a deletion", async () => {
            lab.inputs = { ...lab.inputs, engine: "engine" };
            const old = await lab.created();
            lab.world.behaviour = { engine: "other" };
            for (const attempt of [
                () => lab.resource.read(old, lab.call()),
                () => lab.resource.delete(old, lab.call()),
            ]) {
                await assert.rejects(
                    attempt,
                    /lives in the container engine engine; here docker leads to another one, other, at DOCKER_HOST=.*pulumi stack rm --force --preserve-config/,
                );
            }
            assert.deepEqual(lab.world.names, [CONTROL_PLANE]);
        });

        it("cannot import, and says what to do", async () => {
            const nothing = { id: "x", inputs: {} as KindInputs, outputs: {} as KindOutputs };
            await assert.rejects(
                lab.resource.read(nothing, lab.call()),
                /is adopted by `pulumi up`/,
            );
        });
    });
});
