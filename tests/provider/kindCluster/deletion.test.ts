import assert from "node:assert/strict";
import { existsSync, readdirSync } from "node:fs";
import { CONTROL_PLANE, labCluster } from "../labCluster.ts";

describe("a kind cluster", function () {
    this.timeout(20_000);
    const lab = labCluster();

    describe("delete", () => {
        it("leaves nothing, and is content when there is nothing", async () => {
            lab.inputs = lab.inputsOf("lab-dev-edge1", 2);
            const old = await lab.created();
            await lab.resource.delete(old, lab.call());
            assert.deepEqual(lab.world.names, []);
            assert.deepEqual(readdirSync(lab.folder), ["world"]);
            await lab.resource.delete(old, lab.call());
            assert.deepEqual(readdirSync(lab.folder), ["world"]);
        });

        it("leaves foreign containers and neighbours alone", async () => {
            const old = await lab.created();
            const neighbour = await lab.created(lab.inputsOf("lab-dev-edge2", 0));
            lab.world.drop(CONTROL_PLANE);
            lab.world.add(CONTROL_PLANE, { cluster: "lab-dev-edge1", network: "bridge" });
            await lab.resource.delete(old, lab.call());
            assert.deepEqual(lab.world.names, [CONTROL_PLANE, "lab-dev-edge2-control-plane"]);
            assert.ok(existsSync(neighbour.inputs.kubeconfigPath));
            assert.ok(lab.logged.some((line) => line.endsWith("left alone")));
        });

        it("works for several at the same time", async () => {
            const all = await Promise.all(
                ["a", "b", "c", "d"].map((name) => lab.created(lab.inputsOf(`lab-dev-${name}`, 0))),
            );
            await Promise.all(all.map((old) => lab.resource.delete(old, lab.call())));
            assert.deepEqual(lab.world.names, []);
            assert.deepEqual(readdirSync(lab.folder), ["world"]);
        });
    });
});
