import assert from "node:assert/strict";
import { once } from "node:events";
import { existsSync, readdirSync, rmSync, statSync } from "node:fs";
import { createServer } from "node:net";
import { setTimeout } from "node:timers/promises";
import { LABELS } from "../../plan/labels.ts";
import { specHash } from "../../provider/kind/spec.ts";
import { releaseInventory } from "../../provider/releaseInventory.ts";
import { CONTROL_PLANE, docker, NAME, realCluster, WORKER } from "./realCluster.ts";
import { MANIFEST, releaseSecret } from "./realRelease.ts";

/** With real containers, in the order of a cluster's life. With MULTINET_REAL=1 only. */
describe("a kind cluster, with a real engine", function () {
    this.timeout(10 * 60_000);
    const real = realCluster();

    it("refuses a name that a foreign container has", async () => {
        const inputs = real.inputsOf(0);
        docker("create", "--name", CONTROL_PLANE, "--network", "bridge", inputs.image);
        try {
            await assert.rejects(real.create(inputs), /belongs to someone else/);
        } finally {
            docker("rm", "--volumes", CONTROL_PLANE);
        }
    });

    it("leaves nothing when it is cancelled in the middle", async () => {
        const controller = new AbortController();
        const creating = real.resource.create(
            real.inputsOf(0),
            real.call({ signal: controller.signal }),
        );
        while (docker("ps", "--quiet", "--filter", `name=${CONTROL_PLANE}`).length === 0) {
            await setTimeout(50);
        }
        controller.abort(new Error("cancelled"));
        await assert.rejects(creating, /cancelled/);
        assert.deepEqual(docker("ps", "--all", "--quiet", "--filter", `name=${NAME}`), []);
        assert.deepEqual(docker("volume", "ls", "--quiet"), real.volumes);
    });

    it("is made, labelled, limited, and reachable through its kubeconfig", async () => {
        await real.create(real.inputsOf(0));
        const { outputs, inputs } = real.state;
        assert.match(outputs.ca, /^[0-9a-f]{64}$/);
        assert.match(outputs.nodeAddresses[CONTROL_PLANE] ?? "", /^10\.255\.248\.\d+$/);
        assert.equal(statSync(inputs.kubeconfigPath).mode & 0o777, 0o600);
        assert.deepEqual(docker("inspect", "--format", "{{.HostConfig.Memory}}", CONTROL_PLANE), [
            String(2 ** 32),
        ]);
        const [node] = real.nodes();
        assert.equal(node?.metadata.labels[LABELS.spec], specHash(inputs));
        assert.equal(node.metadata.labels[LABELS.stack], "test");
        real.seesPlugins(CONTROL_PLANE);
    });

    it("is left alone by a diff, which costs little", async () => {
        await real.changes();
        const start = performance.now();
        assert.deepEqual(await real.changes(), {});
        const took = performance.now() - start;
        assert.ok(took < 1000, `a diff without changes took ${took} ms`);
        assert.deepEqual(real.logged, []);
    });

    it("is adopted by another create", async () => {
        const before = { container: real.id(CONTROL_PLANE), outputs: real.state.outputs };
        rmSync(real.state.inputs.kubeconfigPath);
        await real.create(real.inputsOf(0));
        assert.deepEqual(
            { container: real.id(CONTROL_PLANE), outputs: real.state.outputs },
            before,
        );
        assert.ok(existsSync(real.state.inputs.kubeconfigPath));
    });

    it("gets a worker without a new control plane", async () => {
        const before = real.id(CONTROL_PLANE);
        const inputs = real.inputsOf(1);
        assert.deepEqual(await real.changes(inputs), { nodes: "update" });
        await real.update(inputs);
        assert.equal(real.id(CONTROL_PLANE), before);
        await real.ready(WORKER);
        const worker = real.nodes().find(({ metadata }) => metadata.name === WORKER);
        assert.equal(worker?.metadata.labels[LABELS.spec], specHash(inputs));
        real.seesPlugins(WORKER);
        assert.deepEqual(await real.changes(), {});
    });

    it("starts a worker that was stopped, and makes one that was removed", async () => {
        docker("stop", "--time", "1", WORKER);
        assert.deepEqual(await real.changes(), {
            [`container ${WORKER} (stopped outside Pulumi)`]: "update",
        });
        await real.update(real.state.inputs);
        assert.deepEqual(await real.changes(), {});
        docker("rm", "--force", "--volumes", WORKER);
        assert.deepEqual(await real.changes(), {
            [`container ${WORKER} (deleted outside Pulumi)`]: "update",
        });
        await real.update(real.state.inputs);
        await real.ready(WORKER);
        assert.deepEqual(await real.changes(), {});
    });

    it("takes a node back that lost its network", async () => {
        docker("network", "disconnect", NAME, WORKER);
        assert.deepEqual(await real.changes(), {
            [`container ${WORKER} (disconnected from network ${NAME} outside Pulumi)`]: "update",
        });
        await real.update(real.state.inputs);
        await real.ready(WORKER);
        assert.deepEqual(await real.changes(), {});
    });

    it("is adopted when its worker is gone, and just that is recreated", async () => {
        const before = real.id(CONTROL_PLANE);
        docker("rm", "--force", "--volumes", WORKER);
        await real.create(real.inputsOf(1));
        assert.equal(real.id(CONTROL_PLANE), before);
        await real.ready(WORKER);
    });

    it("names the port that was taken while it was stopped", async () => {
        const [port = ""] = docker("port", CONTROL_PLANE, "6443");
        docker("stop", "--time", "1", CONTROL_PLANE);
        const other = createServer().listen(Number(port.split(":").at(-1)), "127.0.0.1");
        await once(other, "listening");
        try {
            await assert.rejects(
                real.update(real.state.inputs),
                /its port \d+ of this machine, .* is used by/,
            );
        } finally {
            other.close();
        }
        await real.update(real.state.inputs);
        assert.deepEqual(await real.changes(), {});
    });

    it("answers again after its control plane was stopped", async () => {
        docker("stop", "--time", "1", CONTROL_PLANE);
        const preview = await real.resource.update(
            real.state,
            real.state.inputs,
            real.call({ preview: true }),
        );
        assert.equal(typeof preview.nodeAddresses, "string");
        await real.update(real.state.inputs);
        assert.equal(real.nodes().length, 2);
    });

    it("has its releases compared with what is there", async () => {
        const inventory = releaseInventory();
        const { kubeconfigPath } = real.state.inputs;
        const { ca, nodeAddresses } = real.state.outputs;
        const releases = [{ namespace: "default", name: "lab" }];
        const inputs = { kubeconfigPath, ca, nodeAddresses, releases };
        const created = await inventory.create(inputs, real.call());
        const old = { ...created, inputs };
        real.kubectl(["apply", "--filename=-"], MANIFEST);
        real.kubectl(["apply", "--filename=-"], JSON.stringify(releaseSecret()));
        assert.deepEqual((await inventory.diff(old, inputs, real.call())).changes, {});
        real.kubectl(["delete", "daemonset/agent"]);
        real.kubectl(["patch", "configmap/settings", "--patch", '{"data":{"mode":"other"}}']);
        assert.deepEqual((await inventory.diff(old, inputs, real.call())).changes, {
            "DaemonSet default/agent: missing": "update",
            "ConfigMap default/settings: data.mode differs": "update",
        });
        const outputs = await inventory.update(old, inputs, real.call());
        assert.deepEqual(outputs.repairs, { lab: "1" });
    });

    it("loses a worker in place", async () => {
        await real.update(real.inputsOf(0));
        assert.deepEqual(
            real.nodes().map(({ metadata }) => metadata.name),
            [CONTROL_PLANE],
        );
        assert.deepEqual(docker("ps", "--all", "--quiet", "--filter", `name=${WORKER}`), []);
    });

    it("is seen to be gone, and only then", async () => {
        assert.ok(await real.resource.read(real.state, real.call()));
        const host = process.env["DOCKER_HOST"];
        process.env["DOCKER_HOST"] = "unix:///nowhere/docker.sock";
        try {
            await assert.rejects(real.changes(), /docker does not answer/);
            await assert.rejects(
                real.resource.read(real.state, real.call()),
                /docker does not answer/,
            );
        } finally {
            if (host === undefined) {
                delete process.env["DOCKER_HOST"];
            } else {
                process.env["DOCKER_HOST"] = host;
            }
        }
        docker("rm", "--force", "--volumes", CONTROL_PLANE);
        assert.deepEqual(
            (await real.resource.read(real.state, real.call()))?.outputs.nodeAddresses,
            {},
        );
        assert.deepEqual(await real.changes(), {
            [`container ${CONTROL_PLANE} (deleted outside Pulumi)`]: "delete-replace",
        });
    });

    it("is deleted whether or not it is there, and leaves nothing", async () => {
        await real.create(real.inputsOf(0));
        await real.resource.delete(real.state, real.call());
        await real.resource.delete(real.state, real.call());
        assert.deepEqual(docker("ps", "--all", "--quiet", "--filter", `name=${NAME}`), []);
        assert.deepEqual(docker("volume", "ls", "--quiet"), real.volumes);
        assert.deepEqual(readdirSync(real.folder), []);
    });
});
