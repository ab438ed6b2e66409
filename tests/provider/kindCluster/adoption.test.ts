import assert from "node:assert/strict";
import { existsSync, mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { KindOutputs } from "../../../provider/kind/spec.ts";
import { PartialFailure, UNKNOWN } from "../../../provider/resource.ts";
import { CONTROL_PLANE, labCluster } from "../labCluster.ts";

describe("a kind cluster", function () {
    this.timeout(20_000);
    const lab = labCluster();

    describe("create", () => {
        it("adopts what an earlier run made from the same specification", async () => {
            const first = await lab.created();
            const { outputs } = await lab.created();
            assert.equal(lab.kindRuns().length, 1);
            assert.deepEqual(outputs, first.outputs);
            assert.ok(lab.logged.some((line) => line.includes("is adopted")));
        });

        it("starts what it adopts", async () => {
            await lab.created();
            lab.world.change(CONTROL_PLANE, { state: "stopped", networks: { "lab-dev": "" } });
            const { outputs } = await lab.created();
            assert.equal(lab.kindRuns().length, 1);
            assert.deepEqual(outputs.nodeAddresses, { [CONTROL_PLANE]: "10.200.0.99" });
        });

        for (const [what, spoil] of [
            ["half-made", () => lab.world.change(CONTROL_PLANE, { initialized: false })],
            [
                "empty and lacks kind's last step",
                () => lab.world.change(CONTROL_PLANE, { hasDefaultStorageClass: false }),
            ],
            [
                "empty and made from another specification",
                () => lab.world.change(CONTROL_PLANE, { nodeLabels: {} }),
            ],
            ["without its control plane", () => lab.world.drop(CONTROL_PLANE)],
        ] as const) {
            it(`recreates what is its own but ${what}`, async () => {
                lab.inputs = lab.inputsOf("lab-dev-edge1", 1);
                const first = await lab.created();
                spoil();
                const { outputs } = await lab.created();
                assert.equal(lab.kindRuns().length, 2);
                assert.notEqual(outputs.ca, first.outputs.ca);
                assert.deepEqual(lab.world.names, lab.inputs.nodes);
                assert.ok(lab.logged.some((line) => line.includes("it is recreated")));
            });
        }

        for (const [what, change, content] of [
            ["lacks kind's last step", { hasDefaultStorageClass: false }, "Pod default web"],
            ["was made from another specification", { nodeLabels: {} }, "Namespace <none> prod"],
            [
                "was made from another image",
                { nodeLabels: {}, image: "node:0" },
                "Secret kube-system sh.helm.release.v1.multus.v1",
            ],
        ] as const) {
            it(`leaves alone what ${what} but holds a ${content}`, async () => {
                const { outputs } = await lab.created();
                lab.world.change(CONTROL_PLANE, change);
                lab.world.behaviour = { contents: [content] };
                const error = await lab.created().catch((error: unknown) => error);
                assert.ok(error instanceof PartialFailure, String(error));
                assert.match(error.message, /not empty \((Pod|Namespace|Secret) .*left alone/);
                assert.match(error.message, /docker rm -f -v lab-dev-edge1-control-plane$/);
                assert.equal(lab.world.one(CONTROL_PLANE).id, outputs.containers?.[CONTROL_PLANE]);
            });
        }

        it("removes nothing when a control plane was renamed", async () => {
            lab.inputs = lab.inputsOf("lab-dev-edge1", 1);
            await lab.created();
            const { id } = lab.world.one(CONTROL_PLANE);
            lab.world.change(CONTROL_PLANE, { name: "kept" });
            lab.world.drop(CONTROL_PLANE);
            await assert.rejects(
                lab.created(),
                /is called kept now, .*docker rename kept lab-dev-edge1-control-plane/,
            );
            assert.equal(lab.world.one("kept").id, id);
            assert.deepEqual(lab.world.names, ["kept", "lab-dev-edge1-worker"]);
        });

        it("recreates just the workers of what it adopts that are missing or never joined", async () => {
            lab.inputs = lab.inputsOf("lab-dev-edge1", 2);
            const first = await lab.created();
            lab.world.drop("lab-dev-edge1-worker");
            lab.world.change("lab-dev-edge1-worker2", { joined: false });
            const { outputs } = await lab.created();
            assert.equal(lab.kindRuns().length, 1);
            assert.equal(outputs.ca, first.outputs.ca);
            assert.deepEqual(lab.world.names, lab.inputs.nodes);
            for (const node of lab.inputs.nodes) {
                assert.ok(lab.world.one(node).joined, node);
            }
        });

        it("finishes by update what was made but not recorded whole", async () => {
            const first = await lab.created();
            rmSync(join(lab.folder, "kubeconfigs"), { recursive: true });
            // The place for the kubeconfig file cannot be written.
            lab.inputs = {
                ...lab.inputs,
                kubeconfigPath: join(lab.folder, "kubeconfigs/edge1.yaml"),
            };
            mkdirSync(lab.inputs.kubeconfigPath, { recursive: true });
            const error = await lab.created().catch((error: unknown) => error);
            assert.ok(error instanceof PartialFailure, String(error));
            const recorded = {
                id: error.id,
                inputs: lab.inputs,
                outputs: error.outputs as KindOutputs,
            };
            rmSync(lab.inputs.kubeconfigPath, { recursive: true });
            const { changes, stables } = await lab.resource.diff(recorded, lab.inputs, lab.call());
            assert.deepEqual(changes, { "cluster lab-dev-edge1 (not completed)": "update" });
            assert.deepEqual(stables, []);
            const preview = await lab.resource.update(
                recorded,
                lab.inputs,
                lab.call({ preview: true }),
            );
            assert.equal(preview.ca, UNKNOWN);
            const outputs = await lab.resource.update(recorded, lab.inputs, lab.call());
            assert.equal(lab.kindRuns().length, 1);
            assert.equal(outputs.ca, first.outputs.ca);
            assert.ok(existsSync(lab.inputs.kubeconfigPath));
        });

        it("says in a preview what it will adopt", async () => {
            await lab.created();
            await lab.resource.create(lab.inputs, lab.preview());
            assert.ok(lab.logged.includes(`${CONTROL_PLANE}: there already, to be adopted`));
        });

        it("waits for a twin that is still at work, and adopts its cluster", async () => {
            lab.world.behaviour = { kindTakes: 1500 };
            const [one, two] = await Promise.all([lab.created(), lab.created()]);
            assert.equal(lab.kindRuns().length, 1);
            assert.deepEqual(one.outputs, two.outputs);
            assert.ok(
                lab.logged.some((line) => line.includes("another run still works on cluster")),
            );
        });
    });
});
