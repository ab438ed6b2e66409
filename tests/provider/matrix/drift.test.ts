import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { setTimeout } from "node:timers/promises";
import type { MatrixOutputs } from "../../../provider/reachabilityMatrix.ts";
import { UNKNOWN } from "../../../provider/resource.ts";
import { ADDRESS, FREE, NODE } from "../matrixScene.ts";
import { labMatrix } from "../labMatrix.ts";

describe("the reachability matrix", function () {
    this.timeout(15_000);
    const lab = labMatrix();

    it("does not change while all stays green and in place, and asks each cell once for that", async () => {
        const old = await lab.proved();
        lab.api.questions.length = 0;
        assert.deepEqual(await lab.matrix.diff(old, lab.inputs, lab.call()), { changes: {} });
        assert.deepEqual(new Set(Object.values(lab.timesAsked())), new Set([1]));
        lab.putPod("demo2", "10.2.1.9");
        lab.answer({
            "demo1-x": {
                "icmp 10.2.1.9": "ok ttl=62",
                "tcp 10.2.1.9": `ok ${ADDRESS.A} demo2-x`,
                "udp 10.2.1.9": `ok ${ADDRESS.A} demo2-x`,
            },
            "demo2-x": {
                [`tcp ${ADDRESS.A}`]: "ok 10.2.1.9 demo1-x",
                [`udp ${ADDRESS.A}`]: "ok 10.2.1.9 demo1-x",
            },
        });
        assert.deepEqual(await lab.matrix.diff(old, lab.inputs, lab.call()), {
            changes: { matrix: "update" },
        });
    });

    it("does not change when nodes swap their addresses", async () => {
        const old = await lab.proved();
        const address = "10.200.0.77";
        lab.api.put(`/api/v1/nodes/${NODE.A}`, {
            metadata: { name: NODE.A },
            status: { addresses: [{ type: "InternalIP", address }] },
        });
        lab.answer({ "demo1-x": { [`unreachable ${FREE}`]: `ok ${address}` } });
        assert.deepEqual(await lab.matrix.diff(old, lab.inputs, lab.call()), { changes: {} });
    });

    it("counts red cells as drift, and explains the first of them in one line", async () => {
        const old = await lab.proved();
        lab.answer({ "demo1-x": { [`tcp ${ADDRESS.B}`]: "ok 10.200.0.2 demo2-x" } });
        assert.deepEqual(await lab.matrix.diff(old, lab.inputs, lab.call()), {
            changes: { "1 of 7 cells are red": "update" },
        });
        assert.match(lab.cluster.logged.join(), /masqueraded\) on node lab-edge1-control-plane/);
        lab.cluster.logged.length = 0;
        lab.answer({ "demo1-x": {}, "demo2-x": {} });
        lab.api.answers = { "demo1-x": {}, "demo2-x": {} };
        await lab.matrix.diff(old, lab.inputs, lab.call());
        assert.equal(lab.cluster.logged.length, 1);
        assert.match(lab.cluster.logged.join(), /; and 4 more$/);
    });

    it("waits for pods that are still replaced, and takes them for drift", async () => {
        const old = await lab.proved();
        lab.putDeployment("demo2", 2, 1);
        const { changes } = await lab.matrix.diff(old, lab.inputs, lab.call());
        assert.deepEqual(changes, { "6 of 7 cells are red": "update" });
        const before = lab.api.requests.length;
        let done = false;
        const proof = lab.proved().then((value) => ((done = true), value));
        const looks = () =>
            lab.api.requests.slice(before).filter((one) => one.includes("deployments"));
        while (looks().length < 4) {
            await setTimeout(20);
        }
        assert.ok(!done);
        lab.putDeployment("demo2", 2, 2);
        assert.equal((await proof).outputs.summary, "7 of 7 cells green (2 pods in 1 cluster)");
    });

    it("changes with its inputs without measuring", async () => {
        const old = await lab.proved();
        lab.api.requests.length = 0;
        const [first] = lab.inputs.pairs;
        const changed = { ...lab.inputs, pairs: [first!] };
        assert.deepEqual((await lab.matrix.diff(old, changed, lab.call())).changes, {
            pairs: "update",
        });
        const [edge] = lab.inputs.clusters;
        const anew = { ...lab.inputs, clusters: [{ ...edge!, ca: UNKNOWN }] };
        assert.deepEqual((await lab.matrix.diff(old, anew, lab.call())).changes, {
            clusters: "update",
        });
        const replaced = { ...lab.inputs, clusters: UNKNOWN as never };
        assert.deepEqual((await lab.matrix.diff(old, replaced, lab.call())).changes, {
            clusters: "update",
        });
        assert.deepEqual(lab.api.requests, []);
    });

    it("shows what it cannot measure as a change, and waits for no API that is gone", async () => {
        const old = await lab.proved();
        const [edge] = lab.inputs.clusters;
        const stopped = {
            ...lab.inputs,
            clusters: [{ ...edge!, nodeAddresses: UNKNOWN as never }],
        };
        assert.deepEqual((await lab.matrix.diff(old, stopped, lab.call())).changes, {
            "not measured: a cluster will change first": "update",
        });
        const notMeasured = { changes: { "not measured": "update" } };
        lab.api.stop();
        assert.deepEqual(await lab.matrix.diff(old, lab.inputs, lab.call()), notMeasured);
        assert.match(
            lab.cluster.logged.join(),
            /not measured: cluster edge: The Kubernetes API of/,
        );
        assert.deepEqual(await lab.matrix.read(old, lab.call()), {
            inputs: old.inputs,
            outputs: old.outputs,
        });
        lab.cluster.logged.length = 0;
        writeFileSync(edge!.kubeconfigPath, "spoiled");
        assert.deepEqual(await lab.matrix.diff(old, lab.inputs, lab.call()), notMeasured);
        assert.match(lab.cluster.logged.join(), /is not the kubeconfig of cluster edge/);
        // An update has no choice but to fail.
        await assert.rejects(lab.proved(), /is not the kubeconfig of cluster edge/);
    });

    it("takes over what an older version recorded, by an update", async () => {
        const { outputs } = await lab.proved();
        const older = { ...lab.inputs, matrix: [], summary: outputs.summary } as unknown;
        const old = { id: "matrix", inputs: lab.inputs, outputs: older as MatrixOutputs };
        assert.deepEqual(await lab.matrix.diff(old, lab.inputs, lab.call()), {
            changes: { matrix: "update" },
        });
        assert.deepEqual(await lab.matrix.update(old, lab.inputs, lab.call()), outputs);
    });
});
