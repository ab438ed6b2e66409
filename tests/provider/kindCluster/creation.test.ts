import assert from "node:assert/strict";
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { parse } from "yaml";
import { specHash } from "../../../provider/kind/spec.ts";
import type { KindOutputs } from "../../../provider/kind/spec.ts";
import { PartialFailure, UNKNOWN } from "../../../provider/resource.ts";
import { CONTROL_PLANE, labCluster } from "../labCluster.ts";

describe("a kind cluster", function () {
    this.timeout(20_000);
    const lab = labCluster();

    describe("create", () => {
        it("has kind make it, on the network, away from the user's kubeconfig and secrets", async () => {
            const { id, outputs } = await lab.created();
            assert.equal(id, "lab-dev-edge1");
            assert.deepEqual(lab.world.names, [CONTROL_PLANE]);
            assert.deepEqual(outputs.nodeAddresses, { [CONTROL_PLANE]: "10.200.0.2" });
            assert.equal(outputs.endpoint, "https://127.0.0.1:6443");
            assert.match(outputs.ca, /^[0-9a-f]{64}$/);
            assert.equal(lab.world.one(CONTROL_PLANE).memory, 2 ** 31);
            const [run] = lab.kindRuns();
            assert.equal(run?.["KUBECONFIG"], undefined);
            assert.equal(run?.["passphrase"], undefined);
            assert.ok(!existsSync(String(run?.["kubeconfig"])));
            assert.ok(lab.logged.includes("• Preparing nodes 📦  ..."));
        });

        it("labels every node with its owner and specification", async () => {
            await lab.created(lab.inputsOf("lab-dev-edge1", 1));
            const [run] = lab.kindRuns();
            const { nodes } = run?.["config"] as { nodes: { labels: object }[] };
            const labels = {
                "multinet.dev/project": "lab",
                "multinet.dev/stack": "dev",
                "multinet.dev/spec": specHash(lab.inputs),
            };
            assert.deepEqual(
                nodes.map((node) => node.labels),
                [labels, labels],
            );
        });

        it("shows every node the CNI plugins of this machine, beside what else it mounts", async () => {
            const other = { hostPath: "/data", containerPath: "/data" };
            const nodes = [{ role: "control-plane", extraMounts: [other] }, { role: "worker" }];
            const config = JSON.stringify({ ...parse(lab.inputs.config), nodes });
            await lab.created({
                ...lab.inputsOf("lab-dev-edge1", 1),
                config,
                cniPlugins: "/p/cni-plugins",
            });
            const [run] = lab.kindRuns();
            const made = run?.["config"] as { nodes: { extraMounts: object[] }[] };
            const plugins = {
                hostPath: "/p/cni-plugins",
                containerPath: "/opt/multinet/cni-plugins",
                readOnly: true,
            };
            assert.deepEqual(
                made.nodes.map(({ extraMounts }) => extraMounts),
                [[other, plugins], [plugins]],
            );
        });

        it("writes the kubeconfig for its owner only", async () => {
            const { outputs } = await lab.created();
            const path = lab.inputs.kubeconfigPath;
            assert.equal(readFileSync(path, "utf8"), outputs.kubeconfig);
            assert.equal(statSync(path).mode & 0o777, 0o600);
            assert.equal(statSync(join(path, "..")).mode & 0o777, 0o700);
        });

        it("touches nothing in a preview and leaves open what only the cluster can tell", async () => {
            const { id, outputs } = await lab.resource.create(lab.inputs, lab.preview());
            assert.equal(id, "lab-dev-edge1");
            assert.deepEqual(outputs, {
                ...lab.inputs,
                kubeconfig: UNKNOWN,
                ca: UNKNOWN,
                endpoint: UNKNOWN,
                nodeAddresses: UNKNOWN,
                containers: UNKNOWN,
            });
            assert.deepEqual(lab.world.names, []);
            assert.ok(!existsSync(join(lab.folder, "kubeconfigs")));
        });

        it("does not clean up after kind what another run was faster to make", async () => {
            lab.world.behaviour = { kindTakes: 300 };
            const creating = lab.created();
            while (lab.kindRuns().length === 0) {
                await setTimeout(10);
            }
            lab.world.add(CONTROL_PLANE, { cluster: "lab-dev-edge1", network: "lab-dev" });
            const { id } = lab.world.one(CONTROL_PLANE);
            await assert.rejects(creating, /already exist for a cluster/);
            assert.equal(lab.world.one(CONTROL_PLANE).id, id);
        });

        it("removes what a killed run left beside the kubeconfig file, and keeps kind's copy there", async () => {
            const scratch = `${lab.inputs.kubeconfigPath}.kind`;
            mkdirSync(scratch, { recursive: true });
            writeFileSync(join(scratch, "kubeconfig"), "key");
            writeFileSync(`${lab.inputs.kubeconfigPath}.new`, "half");
            await lab.created();
            const [run] = lab.kindRuns();
            assert.equal(run?.["kubeconfig"], join(scratch, "kubeconfig"));
            assert.deepEqual(readdirSync(join(lab.folder, "kubeconfigs")).sort(), [
                "lab-dev-edge1.yaml",
                "lab-dev-edge1.yaml.lock",
            ]);
        });

        for (const [where, make] of [
            ["update", () => lab.resource.create(lab.inputs, lab.call())],
            ["preview", () => lab.resource.create(lab.inputs, lab.preview())],
        ] as const) {
            it(`refuses to touch a foreign container of that name in ${where}`, async () => {
                lab.world.add(CONTROL_PLANE, { cluster: "lab-dev-edge1", network: "kind" });
                await assert.rejects(make, (error: Error) => {
                    assert.match(
                        error.message,
                        /networks: kind\) has its name, but is not on network lab-dev/,
                    );
                    assert.match(error.message, /docker rm -f lab-dev-edge1-control-plane/);
                    return true;
                });
                assert.deepEqual(lab.world.names, [CONTROL_PLANE]);
                assert.equal(lab.kindRuns().length, 0);
            });
        }

        it("refuses when the network is gone instead of letting kind make one", async () => {
            lab.inputs = { ...lab.inputs, network: "other" };
            await assert.rejects(lab.created(), /network other does not exist .* `pulumi up`/);
            assert.equal(lab.kindRuns().length, 0);
        });

        it("leaves nothing behind when kind fails", async () => {
            lab.world.behaviour = { kindFails: "kubeadm init said no" };
            await assert.rejects(lab.created(), (error: Error) => {
                assert.ok(!(error instanceof PartialFailure));
                assert.match(
                    error.message,
                    /^cluster lab-dev-edge1 could not be made: .*kubeadm init said no/s,
                );
                return true;
            });
            assert.deepEqual(lab.world.names, []);
            assert.deepEqual(readdirSync(lab.folder), ["world"]);
        });

        it("has the engine record what could not be removed", async () => {
            lab.world.behaviour = { kindFails: "no", stuck: true };
            const error = await lab.created().catch((error: unknown) => error);
            assert.ok(error instanceof PartialFailure, String(error));
            assert.equal(error.id, "lab-dev-edge1");
            lab.world.behaviour = {};
            const recorded = {
                id: error.id,
                inputs: lab.inputs,
                outputs: error.outputs as KindOutputs,
            };
            const changes = await lab.changesOf(recorded);
            assert.deepEqual(changes, { "cluster lab-dev-edge1 (not completed)": "update" });
            await lab.resource.delete(recorded, lab.call());
            assert.deepEqual(lab.world.names, []);
        });

        it("stops kind and cleans up when it is cancelled", async () => {
            lab.world.behaviour = { kindTakes: 60_000 };
            const controller = new AbortController();
            const creating = lab.resource.create(
                lab.inputs,
                lab.call({ signal: controller.signal }),
            );
            while (lab.kindRuns().length === 0) {
                await setTimeout(10);
            }
            controller.abort(new Error("cancelled"));
            await assert.rejects(creating, /cancelled/);
            assert.deepEqual(lab.world.names, []);
        });

        it("makes several at the same time", async () => {
            const names = ["edge1", "edge2", "edge3", "edge4"].map((name) => `lab-dev-${name}`);
            await Promise.all(names.map((name) => lab.created(lab.inputsOf(name, 0))));
            assert.deepEqual(
                lab.world.names,
                names.map((name) => `${name}-control-plane`),
            );
        });
    });
});
