import assert from "node:assert/strict";
import type { MatrixOutputs } from "../../../provider/reachabilityMatrix.ts";
import { PartialFailure, UNKNOWN } from "../../../provider/resource.ts";
import { ADDRESS, NODE } from "../matrixScene.ts";
import { labMatrix } from "../labMatrix.ts";

describe("the reachability matrix", function () {
    this.timeout(15_000);
    const lab = labMatrix();

    it("fails an update that ends red, says what is red and why, and records what it attempted", async () => {
        lab.answer({ "demo2-x": { [`icmp ${ADDRESS.A}`]: "fail timeout" } });
        await assert.rejects(lab.proved(), (error: Error) => {
            assert.match(error.message, /^reachability: 1 of 7 cells are red after 1\.5 s\n/);
            assert.match(
                error.message,
                /edge\/demo2 -> edge\/demo1 icmp on data-plane: expected reply, seen timeout/,
            );
            assert.ok(error instanceof PartialFailure);
            const { red, summary } = error.outputs as unknown as MatrixOutputs;
            assert.equal(summary, "6 of 7 cells green (2 pods in 1 cluster)");
            assert.deepEqual(
                red.map(({ from, protocol }) => `${from} ${protocol}`),
                ["edge/demo2 icmp"],
            );
            return true;
        });
    });

    it("names the node that packets do not pass", async () => {
        lab.inputs.networks[0]!.slices = { [NODE.A]: "10.0.0.0/8" };
        lab.answer({
            "demo2-x": {
                [`icmp ${ADDRESS.A}`]: "fail timeout",
                [`trace ${ADDRESS.A}`]: `ok 10.2.1.1`,
            },
        });
        await assert.rejects(
            lab.proved(),
            /packets get to node lab-edge1-control-plane and no further/,
        );
    });

    it("is red for a pod that is not there, or cannot be asked", async () => {
        const path = "/api/v1/namespaces/default/pods/demo2-x";
        const old = await lab.proved();
        lab.api.objects.delete(path);
        const gone = await lab.matrix.diff(old, lab.inputs, lab.call());
        assert.deepEqual(gone.changes, { "6 of 7 cells are red": "update" });
        lab.putPod("demo2", ADDRESS.B);
        lab.api.answers = {};
        lab.cluster.logged.length = 0;
        await lab.matrix.diff(old, lab.inputs, lab.call());
        assert.match(lab.cluster.logged.join(), /seen probe failed: the API answers 404 Not Found/);
    });

    it("refuses to prove nothing", async () => {
        const reasons = async (now: object) =>
            (await lab.matrix.check({ ...lab.inputs, ...now }, lab.call())).failures.map(
                ({ property, reason }) => `${property} ${reason}`,
            );
        assert.deepEqual(await reasons({}), []);
        assert.match((await reasons({ pairs: [] })).join(), /^pairs .*nothing would be proved/);
        const [network] = lab.inputs.networks;
        for (const networks of [[], [{ ...network!, protocols: [] }]]) {
            assert.match(
                (await reasons({ networks })).join(),
                /^networks has no protocols for data-plane/,
            );
        }
        assert.deepEqual(await reasons({ networks: UNKNOWN, pairs: UNKNOWN }), []);
        await assert.rejects(
            lab.matrix.create({ ...lab.inputs, pairs: [], free: [] }, lab.call()),
            /not one cell/,
        );
    });
});
