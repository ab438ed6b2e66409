import assert from "node:assert/strict";
import { setTimeout } from "node:timers/promises";
import { measure } from "../../../provider/matrix/measure.ts";
import { UNKNOWN } from "../../../provider/resource.ts";
import { ADDRESS, NETWORK, NODE } from "../matrixScene.ts";
import { labMatrix, pod } from "../labMatrix.ts";

describe("the reachability matrix", function () {
    this.timeout(15_000);
    const lab = labMatrix();

    it("is measured from inside the pods, and once more when all is green", async () => {
        const { outputs } = await lab.proved();
        assert.equal(outputs.summary, "7 of 7 cells green (2 pods in 1 cluster)");
        assert.deepEqual(outputs.matrix, { [NETWORK]: "7 of 7 green" });
        assert.deepEqual(outputs.red, []);
        assert.deepEqual(new Set(Object.values(lab.timesAsked())), new Set([2]));
        assert.deepEqual(await lab.proved(), { id: "matrix", inputs: lab.inputs, outputs });
    });

    it("records verdicts and a digest, whatever the number of cells", async () => {
        const { outputs } = await lab.proved();
        assert.deepEqual(Object.keys(outputs).sort(), ["digest", "matrix", "red", "summary"]);
        assert.ok(JSON.stringify(outputs).length < 400);
    });

    it("is unknown in a preview", async () => {
        const { outputs } = await lab.matrix.create(lab.inputs, lab.call(true));
        assert.equal(outputs.matrix, UNKNOWN as never);
        assert.equal(outputs.summary, UNKNOWN);
        assert.deepEqual(lab.api.requests, []);
    });

    it("asks only red cells again while things settle, and then all once more", async () => {
        const red = `udp ${ADDRESS.B}`;
        const good = `ok ${ADDRESS.A} demo2-x`;
        lab.answer({ "demo1-x": { [red]: ["fail timeout", "fail lost 3 50 50", good, good] } });
        const rounds: number[] = [];
        const { cells, faults } = await measure(lab.inputs, {
            signal: new AbortController().signal,
            settleTimeout: 10_000,
            doubt: 0,
            onRetry: (count) => rounds.push(count),
        });
        // Nothing new is said of a number that stays the same.
        assert.deepEqual(rounds, [1]);
        assert.equal(cells.length, 7);
        assert.deepEqual(faults, []);
        assert.equal(lab.timesAsked()[red], 4);
        assert.equal(lab.timesAsked()[`icmp ${ADDRESS.B}`], 2);
    });

    it("fails when a cell loses packets again that had become green", async () => {
        const good = `ok ${ADDRESS.A} demo2-x`;
        const lossy = [good, "fail lost 2 50 48", "fail lost 8 400 392"];
        lab.answer({ "demo1-x": { [`udp ${ADDRESS.B}`]: lossy } });
        await assert.rejects(lab.proved(), (error: Error) => {
            assert.match(
                error.message,
                /^reachability: 1 of 7 cells are flapping: they lose packets\n/,
            );
            assert.match(error.message, /seen 8 of 400 lost, on the way there/);
            return true;
        });
    });

    it("forgives what is not lost again when many packets are sent", async () => {
        const good = `ok ${ADDRESS.A} demo2-x`;
        const once = [good, "fail lost 1 50 50", good];
        lab.answer({ "demo1-x": { [`udp ${ADDRESS.B}`]: once } });
        assert.deepEqual((await lab.proved()).outputs.red, []);
        const close = lab.api.questions
            .filter((line) => line.startsWith(`udp ${ADDRESS.B}`))
            .at(-1);
        assert.equal(close, `udp ${ADDRESS.B} 400`);
    });

    it("keeps the answers of a pod that does not come to its end", async () => {
        lab.api.stuck = true;
        const controller = new AbortController();
        const world = {
            signal: controller.signal,
            doubt: 0,
        };
        const measured = measure(lab.inputs, world);
        while (lab.api.questions.length < 7) {
            await setTimeout(20);
        }
        await setTimeout(50);
        lab.api.cut();
        const { cells } = await measured;
        assert.deepEqual(
            cells.filter((cell) => !cell.ok),
            [],
        );
    });

    it("asks one API few things, over few connections, and never whether it is ready", async () => {
        await lab.proved();
        const asked = lab.api.requests.map((request) => /(\w+)(\?|$)/.exec(request)?.[1]);
        assert.deepEqual(asked.sort(), ["deployments", "nodes", "pods"]);
        // Two pods are asked twice, first over the connections of the lists.
        assert.equal(lab.api.connections, 4);
    });

    it("waits for an API that starts, and then believes it", async () => {
        lab.api.starting = 3;
        lab.api.young = 403;
        const { outputs } = await lab.proved();
        assert.equal(outputs.summary, "7 of 7 cells green (2 pods in 1 cluster)");
    });

    it("proves groups, big packets and the pods' own addresses", async () => {
        lab.inputs.networks = [
            {
                name: NETWORK,
                protocols: ["large", "bulk"],
                slices: { [NODE.A]: "10.0.0.0/8" },
                mtu: 1400,
            },
            { name: "primary", protocols: ["icmp"], slices: {} },
        ];
        lab.inputs.pairs = [
            { from: pod("demo1"), to: pod("demo2"), network: NETWORK },
            { from: pod("demo1"), to: pod("demo2"), network: "primary" },
        ];
        lab.inputs.free = [];
        lab.inputs.multicast = [
            {
                from: pod("demo1"),
                to: pod("demo2"),
                network: NETWORK,
                group: "239.1.2.3",
                member: true,
            },
        ];
        lab.answer({
            "demo1-x": {
                [`large ${ADDRESS.B}`]: `ok ${ADDRESS.A} demo2-x`,
                [`bulk ${ADDRESS.B}`]: "ok 262144 bytes",
                "icmp 10.64.0.7": "ok ttl=63",
                [`multicast 239.1.2.3/${ADDRESS.B}/${ADDRESS.A}`]: "ok 5/5",
            },
        });
        const { outputs } = await lab.proved();
        assert.ok(lab.api.questions.includes(`large ${ADDRESS.B} 3 1400`));
        assert.deepEqual(outputs.matrix, { [NETWORK]: "3 of 3 green", primary: "1 of 1 green" });
        assert.equal(outputs.summary, "4 of 4 cells green (1 pod in 1 cluster)");
        const old = { id: "matrix", inputs: lab.inputs, outputs };
        const moved = {
            ...lab.inputs,
            networks: [{ ...lab.inputs.networks[0]!, slices: UNKNOWN as never }],
        };
        assert.deepEqual((await lab.matrix.diff(old, moved, lab.call())).changes, {
            networks: "update",
        });
        const fewer = { ...lab.inputs, multicast: [] };
        assert.deepEqual((await lab.matrix.diff(old, fewer, lab.call())).changes, {
            multicast: "update",
        });
    });
});
