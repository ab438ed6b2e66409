import assert from "node:assert/strict";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { apiNodes } from "../../../provider/kind/api.ts";
import { UNKNOWN } from "../../../provider/resource.ts";
import { CONTROL_PLANE, labCluster } from "../labCluster.ts";

describe("a kind cluster", function () {
    this.timeout(20_000);
    const lab = labCluster();

    describe("update", () => {
        it("starts what is stopped and tells the new address; a preview leaves it open", async () => {
            const old = await lab.created();
            lab.world.change(CONTROL_PLANE, { state: "stopped", networks: { "lab-dev": "" } });
            const expected = await lab.resource.update(old, lab.inputs, lab.preview());
            assert.equal(expected.nodeAddresses, UNKNOWN as never);
            assert.equal(expected.ca, old.outputs.ca);
            const outputs = await lab.resource.update(old, lab.inputs, lab.call());
            assert.deepEqual(outputs.nodeAddresses, { [CONTROL_PLANE]: "10.200.0.99" });
            assert.deepEqual(await lab.changesOf({ ...old, outputs }), {});
        });

        it("knows in a preview what will not change", async () => {
            const old = await lab.created();
            const now = { ...lab.inputs, memory: "3GiB" };
            assert.deepEqual(await lab.resource.update(old, now, lab.preview()), {
                ...old.outputs,
                memory: "3GiB",
            });
            assert.equal(lab.world.one(CONTROL_PLANE).memory, 2 ** 31);
            await lab.resource.update(old, now, lab.call());
            assert.equal(lab.world.one(CONTROL_PLANE).memory, 3 * 2 ** 30);
        });

        it("connects a node that lost its network, and restarts it so that it takes its new address", async () => {
            const old = await lab.created();
            lab.world.change(CONTROL_PLANE, { networks: {} });
            const outputs = await lab.resource.update(old, lab.inputs, lab.call());
            assert.deepEqual(lab.world.events.slice(-3), [
                { connected: CONTROL_PLANE, network: "lab-dev" },
                { restarted: CONTROL_PLANE },
                { started: CONTROL_PLANE },
            ]);
            assert.deepEqual(await lab.changesOf({ ...old, outputs }), {});
        });

        for (const said of [
            "driver failed programming external connectivity on endpoint x: failed to bind host port for 127.0.0.1:40001:10.200.0.2:6443/tcp: address already in use",
            "Bind for 127.0.0.1:40001 failed: port is already allocated",
        ]) {
            it(`names the port that was taken from a stopped node: ${said.slice(0, 20)}`, async () => {
                const old = await lab.created();
                lab.world.change(CONTROL_PLANE, { state: "stopped" });
                lab.world.behaviour = { startFails: said };
                await assert.rejects(
                    lab.resource.update(old, lab.inputs, lab.call()),
                    /its port 40001 of this machine.*ss -ltnp 'sport = :40001'.*docker rm -f -v lab-dev-edge1-control-plane/s,
                );
            });
        }

        it("starts a node whose network was made again meanwhile", async () => {
            const old = await lab.created();
            lab.world.change(CONTROL_PLANE, { state: "stopped" });
            lab.world.behaviour = {
                startFails: "Error response from daemon: network 0123 not found",
            };
            await lab.resource.update(old, lab.inputs, lab.call());
            assert.equal(lab.world.one(CONTROL_PLANE).state, "running");
        });

        it("names the node of an API that does not answer, and the fix", async () => {
            const { name } = lab.world;
            lab.world.behaviour = { apiDown: true };
            lab.world.add(CONTROL_PLANE, { cluster: "lab-dev-edge1", network: "lab-dev" });
            await assert.rejects(
                apiNodes(lab.world, CONTROL_PLANE, new AbortController().signal, 1),
                (error: Error) => {
                    assert.match(
                        error.message,
                        /in the container lab-dev-edge1-control-plane did not answer/,
                    );
                    assert.ok(error.message.includes(`${name} restart ${CONTROL_PLANE}`));
                    assert.ok(error.message.includes(`${name} rm -f -v ${CONTROL_PLANE}`));
                    return true;
                },
            );
            assert.deepEqual(lab.world.names, [CONTROL_PLANE]);
        });

        it("leaves the kubeconfig file of another checkout alone, and says so", async () => {
            for (const [place, project] of [
                ["original", "name: lab"],
                ["copy", "name: lab"],
            ] as const) {
                mkdirSync(join(lab.folder, place));
                writeFileSync(join(lab.folder, place, "Pulumi.yaml"), project);
            }
            lab.inputs = {
                ...lab.inputs,
                kubeconfigPath: join(lab.folder, "original/own/edge1.yaml"),
            };
            const old = await lab.created();
            const moved = {
                ...lab.inputs,
                kubeconfigPath: join(lab.folder, "copy/own/edge1.yaml"),
            };
            await lab.resource.update(old, moved, lab.call());
            assert.ok(existsSync(moved.kubeconfigPath));
            assert.ok(existsSync(lab.inputs.kubeconfigPath));
            assert.ok(
                lab.logged.some((line) =>
                    line.includes(`the project in ${join(lab.folder, "original")}`),
                ),
            );
        });

        it("moves the kubeconfig file", async () => {
            const old = await lab.created();
            const moved = {
                ...lab.inputs,
                kubeconfigPath: join(lab.folder, "elsewhere/edge1.yaml"),
            };
            assert.deepEqual(await lab.changesOf(old, moved), { kubeconfigPath: "update" });
            await lab.resource.update(old, moved, lab.call());
            assert.ok(existsSync(moved.kubeconfigPath));
            assert.ok(!existsSync(join(lab.folder, "kubeconfigs")));
        });
    });
});
