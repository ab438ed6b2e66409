import assert from "node:assert/strict";
import { chmodSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { UNKNOWN } from "../../../provider/resource.ts";
import { RuntimeSilent } from "../../../provider/runtime/silent.ts";
import { CONTROL_PLANE, labCluster } from "../labCluster.ts";

describe("a kind cluster", function () {
    this.timeout(20_000);
    const lab = labCluster();

    describe("diff", () => {
        it("finds nothing when nothing happened, however the configuration is written", async () => {
            const old = await lab.created();
            lab.logged = [];
            assert.deepEqual(await lab.changesOf(old), {});
            const config = JSON.stringify(JSON.parse(lab.inputs.config), null, 4);
            assert.deepEqual(await lab.changesOf(old, { ...lab.inputs, config }), {});
            assert.deepEqual(lab.logged, []);
        });

        for (const [property, value] of [
            ["image", "node:2"],
            ["network", "lab-two"],
            ["name", "lab-dev-edge9"],
            ["network", UNKNOWN],
        ] as const) {
            it(`replaces when ${property} becomes ${value}`, async () => {
                const old = await lab.created();
                const { changes, deleteBeforeReplace } = await lab.resource.diff(
                    old,
                    { ...lab.inputs, [property]: value },
                    lab.call(),
                );
                assert.equal(changes[property], "update-replace");
                assert.equal(deleteBeforeReplace, true);
            });
        }

        it("replaces when the configuration of the cluster itself changes", async () => {
            const old = await lab.created();
            const config = lab.inputs.config.replace("10.64.0.0/16", "10.65.0.0/16");
            assert.deepEqual(await lab.changesOf(old, { ...lab.inputs, config }), {
                config: "update-replace",
            });
        });

        it("adds and removes workers in place", async () => {
            const old = await lab.created();
            const more = lab.inputsOf("lab-dev-edge1", 2);
            assert.deepEqual(await lab.changesOf(old, more), { nodes: "update" });
            assert.deepEqual(
                await lab.changesOf(
                    { ...old, inputs: more, outputs: { ...old.outputs, ...more } },
                    lab.inputs,
                ),
                { nodes: "update" },
            );
        });

        it("names the container that was deleted, and says so in one line", async () => {
            const old = await lab.created();
            lab.world.drop(CONTROL_PLANE);
            lab.logged = [];
            const key = `container ${CONTROL_PLANE} (deleted outside Pulumi)`;
            assert.deepEqual(await lab.changesOf(old), { [key]: "delete-replace" });
            assert.deepEqual(lab.logged, [`drift: ${key}`]);
        });

        it("heals workers in place", async () => {
            lab.inputs = lab.inputsOf("lab-dev-edge1", 2);
            const old = await lab.created();
            lab.world.drop("lab-dev-edge1-worker2");
            lab.world.change("lab-dev-edge1-worker", { state: "paused" });
            assert.deepEqual(await lab.changesOf(old), {
                "container lab-dev-edge1-worker2 (deleted outside Pulumi)": "update",
                "container lab-dev-edge1-worker (paused outside Pulumi)": "update",
            });
        });

        it("sees stopped containers, other addresses and other memory limits", async () => {
            const old = await lab.created();
            lab.world.change(CONTROL_PLANE, { state: "stopped" });
            assert.deepEqual(await lab.changesOf(old), {
                [`container ${CONTROL_PLANE} (stopped outside Pulumi)`]: "update",
            });
            lab.world.change(CONTROL_PLANE, {
                state: "running",
                memory: 5,
                networks: { "lab-dev": "10.200.0.77" },
            });
            assert.deepEqual(await lab.changesOf(old), {
                [`nodeAddresses.${CONTROL_PLANE}`]: "update",
                [`memory of container ${CONTROL_PLANE} (changed outside Pulumi)`]: "update",
            });
            assert.deepEqual(await lab.changesOf(old, { ...lab.inputs, memory: "3GiB" }), {
                [`nodeAddresses.${CONTROL_PLANE}`]: "update",
                memory: "update",
            });
        });

        for (const [what, spoil, fault] of [
            ["is missing", rmSync, "deleted outside Pulumi"],
            ["was changed", (path: string) => writeFileSync(path, "x"), "changed outside Pulumi"],
            [
                "can be read by others",
                (path: string) => chmodSync(path, 0o644),
                "mode 644, not 600",
            ],
        ] as const) {
            it(`sees that the kubeconfig file ${what}, and writes it again`, async () => {
                const old = await lab.created();
                const path = lab.inputs.kubeconfigPath;
                spoil(path);
                assert.deepEqual(await lab.changesOf(old), {
                    [`file ${path} (${fault})`]: "update",
                });
                await lab.resource.update(old, lab.inputs, lab.call());
                assert.equal(readFileSync(path, "utf8"), old.outputs.kubeconfig);
                assert.equal(statSync(path).mode & 0o777, 0o600);
            });
        }

        it("throws when the engine does not answer, and calls nothing gone", async () => {
            const old = await lab.created();
            lab.world.behaviour = { silent: true };
            await assert.rejects(lab.changesOf(old), RuntimeSilent);
            await assert.rejects(lab.resource.read(old, lab.call()), RuntimeSilent);
            await assert.rejects(lab.resource.delete(old, lab.call()), RuntimeSilent);
        });

        it("refuses when someone else's container took the name", async () => {
            const old = await lab.created();
            lab.world.drop(CONTROL_PLANE);
            lab.world.add(CONTROL_PLANE, { cluster: "theirs", network: "bridge" });
            await assert.rejects(lab.changesOf(old), /belongs to someone else/);
        });

        it("knows its node by its id when that lost its network, and without one by its network", async () => {
            const old = await lab.created();
            lab.world.change(CONTROL_PLANE, { networks: { bridge: "172.17.0.2" } });
            assert.deepEqual(await lab.changesOf(old), {
                [`container ${CONTROL_PLANE} (disconnected from network lab-dev outside Pulumi)`]:
                    "update",
            });
            const older = { ...old.outputs };
            delete older.containers;
            await assert.rejects(
                lab.changesOf({ ...old, outputs: older }),
                /belongs to someone else.*docker network connect lab-dev lab-dev-edge1-control-plane$/,
            );
        });

        it("sees a node that was recreated, unless nothing is recorded of the former", async () => {
            const old = await lab.created();
            lab.world.change(CONTROL_PLANE, { id: "another" });
            assert.deepEqual(await lab.changesOf(old), {
                [`container ${CONTROL_PLANE} (recreated outside Pulumi)`]: "update",
            });
            const older = { ...old.outputs };
            delete older.containers;
            assert.deepEqual(await lab.changesOf({ ...old, outputs: older }), {});
        });

        it("calls no container gone in another container engine", async () => {
            lab.inputs = { ...lab.inputs, engine: "engine" };
            const old = await lab.created();
            lab.world.drop(CONTROL_PLANE);
            lab.world.behaviour = { engine: "other" };
            await assert.rejects(lab.changesOf(old), /lives in the container engine engine;/);
        });

        it("finds nothing in a state of an older version, which has no engine, archives or containers", async () => {
            const { outputs } = await lab.created();
            delete outputs.containers;
            const old = { id: lab.inputs.name, inputs: lab.inputs, outputs };
            assert.deepEqual(
                await lab.changesOf(old, { ...lab.inputs, engine: "engine", archives: [] }),
                {},
            );
            assert.deepEqual(await lab.changesOf(old, { ...lab.inputs, engine: UNKNOWN }), {});
        });
    });
});
