import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { setTimeout } from "node:timers/promises";
import type { MatrixInputs } from "../../provider/matrix/inputs.ts";
import { measure } from "../../provider/matrix/measure.ts";
import { reachabilityMatrix } from "../../provider/reachabilityMatrix.ts";
import type { MatrixOutputs } from "../../provider/reachabilityMatrix.ts";
import { PartialFailure, UNKNOWN } from "../../provider/resource.ts";
import type { FakeApi } from "./fakes/api.ts";
import { FakeCluster } from "./fakes/cluster.ts";
import { ADDRESS, FREE, NETWORK, NODE, NODE_ADDRESS } from "./matrixScene.ts";

describe("the reachability matrix", function () {
    this.timeout(15_000);
    const matrix = reachabilityMatrix({ settle: 1500, doubt: 0, api: 300 });
    let cluster: FakeCluster;
    let api: FakeApi;
    let inputs: MatrixInputs;

    beforeEach(async () => {
        cluster = await FakeCluster.start();
        api = cluster.api;
        // Both demo pods live in one cluster here: one fake API is enough.
        const nodeAddresses = { [NODE.A]: NODE_ADDRESS.A };
        inputs = {
            clusters: [{ name: "edge", ...cluster.access, nodeAddresses }],
            namespace: "default",
            networks: [{ name: NETWORK, protocols: ["icmp", "tcp", "udp"], slices: {} }],
            multicast: [],
            pairs: [
                { from: pod("demo1"), to: pod("demo2"), network: NETWORK },
                { from: pod("demo2"), to: pod("demo1"), network: NETWORK },
            ],
            free: [
                {
                    from: pod("demo1"),
                    cluster: "edge",
                    node: NODE.A,
                    network: NETWORK,
                    address: FREE,
                },
            ],
        };
        api.put(`/api/v1/nodes/${NODE.A}`, {
            metadata: { name: NODE.A },
            status: { addresses: [{ type: "InternalIP", address: NODE_ADDRESS.A }] },
        });
        putPod("demo1", ADDRESS.A);
        putPod("demo2", ADDRESS.B);
        answer({});
    });
    afterEach(() => {
        cluster.stop();
    });

    const pod = (demo: string) => ({ cluster: "edge", demo });

    function putPod(demo: string, address: string) {
        const status = [{ name: "default/data-plane", interface: "net1", ips: [address] }];
        api.put(`/api/v1/namespaces/default/pods/${demo}-x`, {
            metadata: {
                name: `${demo}-x`,
                labels: { "multinet.dev/demo": demo, "pod-template-hash": "5d" },
                ownerReferences: [{ kind: "ReplicaSet", name: `${demo}-5d` }],
                annotations: { "k8s.v1.cni.cncf.io/network-status": JSON.stringify(status) },
            },
            spec: { nodeName: NODE.A },
            status: { phase: "Running", podIP: demo === "demo1" ? "10.64.0.6" : "10.64.0.7" },
        });
        putDeployment(demo, 1, 1);
    }

    function putDeployment(name: string, generation: number, observedGeneration: number) {
        api.put(`/apis/apps/v1/namespaces/default/deployments/${name}`, {
            metadata: { name, generation },
            spec: { replicas: 1 },
            status: { observedGeneration, updatedReplicas: 1, readyReplicas: 1 },
        });
    }

    /** All is well, except for what is stated. */
    function answer(faults: Record<string, Record<string, string | string[]>>) {
        const well = (from: string, to: string, peer: string) => ({
            [`icmp ${to}`]: "ok ttl=62",
            [`tcp ${to}`]: `ok ${from} ${peer}`,
            [`udp ${to}`]: `ok ${from} ${peer}`,
            [`unreachable ${FREE}`]: `ok ${NODE_ADDRESS.A}`,
        });
        api.answers = {
            "demo1-x": { ...well(ADDRESS.A, ADDRESS.B, "demo2-x"), ...faults["demo1-x"] },
            "demo2-x": { ...well(ADDRESS.B, ADDRESS.A, "demo1-x"), ...faults["demo2-x"] },
        };
    }

    /** How often each question was asked in all, in the order of their first time. */
    function timesAsked(): Record<string, number> {
        const kinds = Map.groupBy(api.questions, (line) => line.split(" ").slice(0, 2).join(" "));
        return Object.fromEntries([...kinds].map(([kind, all]) => [kind, all.length]));
    }

    const call: FakeCluster["call"] = (...args) => cluster.call(...args);
    async function proved() {
        const { id, outputs } = await matrix.create(inputs, call());
        return { id, inputs, outputs };
    }

    it("is measured from inside the pods, and once more when all is green", async () => {
        const { outputs } = await proved();
        assert.equal(outputs.summary, "7 of 7 cells green (2 pods in 1 cluster)");
        assert.deepEqual(outputs.matrix, { [NETWORK]: "7 of 7 green" });
        assert.deepEqual(outputs.red, []);
        assert.deepEqual(new Set(Object.values(timesAsked())), new Set([2]));
        assert.deepEqual(await proved(), { id: "matrix", inputs, outputs });
    });

    it("records verdicts and a digest, whatever the number of cells", async () => {
        const { outputs } = await proved();
        assert.deepEqual(Object.keys(outputs).sort(), ["digest", "matrix", "red", "summary"]);
        assert.ok(JSON.stringify(outputs).length < 400);
    });

    it("is unknown in a preview", async () => {
        const { outputs } = await matrix.create(inputs, call(true));
        assert.equal(outputs.matrix, UNKNOWN as never);
        assert.equal(outputs.summary, UNKNOWN);
        assert.deepEqual(api.requests, []);
    });

    it("does not change while all stays green and in place, and asks each cell once for that", async () => {
        const old = await proved();
        api.questions.length = 0;
        assert.deepEqual(await matrix.diff(old, inputs, call()), { changes: {} });
        assert.deepEqual(new Set(Object.values(timesAsked())), new Set([1]));
        putPod("demo2", "10.2.1.9");
        answer({
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
        assert.deepEqual(await matrix.diff(old, inputs, call()), { changes: { matrix: "update" } });
    });

    it("does not change when nodes swap their addresses", async () => {
        const old = await proved();
        const address = "10.200.0.77";
        api.put(`/api/v1/nodes/${NODE.A}`, {
            metadata: { name: NODE.A },
            status: { addresses: [{ type: "InternalIP", address }] },
        });
        answer({ "demo1-x": { [`unreachable ${FREE}`]: `ok ${address}` } });
        assert.deepEqual(await matrix.diff(old, inputs, call()), { changes: {} });
    });

    it("counts red cells as drift, and explains the first of them in one line", async () => {
        const old = await proved();
        answer({ "demo1-x": { [`tcp ${ADDRESS.B}`]: "ok 10.200.0.2 demo2-x" } });
        assert.deepEqual(await matrix.diff(old, inputs, call()), {
            changes: { "1 of 7 cells are red": "update" },
        });
        assert.match(cluster.logged.join(), /masqueraded\) on node lab-edge1-control-plane/);
        cluster.logged.length = 0;
        answer({ "demo1-x": {}, "demo2-x": {} });
        api.answers = { "demo1-x": {}, "demo2-x": {} };
        await matrix.diff(old, inputs, call());
        assert.equal(cluster.logged.length, 1);
        assert.match(cluster.logged.join(), /; and 4 more$/);
    });

    it("waits for pods that are still replaced, and takes them for drift", async () => {
        const old = await proved();
        putDeployment("demo2", 2, 1);
        const { changes } = await matrix.diff(old, inputs, call());
        assert.deepEqual(changes, { "6 of 7 cells are red": "update" });
        const before = api.requests.length;
        let done = false;
        const proof = proved().then((value) => ((done = true), value));
        const looks = () => api.requests.slice(before).filter((one) => one.includes("deployments"));
        while (looks().length < 4) {
            await setTimeout(20);
        }
        assert.ok(!done);
        putDeployment("demo2", 2, 2);
        assert.equal((await proof).outputs.summary, "7 of 7 cells green (2 pods in 1 cluster)");
    });

    it("asks only red cells again while things settle, and then all once more", async () => {
        const red = `udp ${ADDRESS.B}`;
        const good = `ok ${ADDRESS.A} demo2-x`;
        answer({ "demo1-x": { [red]: ["fail timeout", "fail lost 3 50 50", good, good] } });
        const rounds: number[] = [];
        const { cells, faults } = await measure(inputs, {
            signal: new AbortController().signal,
            settleTimeout: 10_000,
            doubt: 0,
            onRetry: (count) => rounds.push(count),
        });
        // Nothing new is said of a number that stays the same.
        assert.deepEqual(rounds, [1]);
        assert.equal(cells.length, 7);
        assert.deepEqual(faults, []);
        assert.equal(timesAsked()[red], 4);
        assert.equal(timesAsked()[`icmp ${ADDRESS.B}`], 2);
    });

    it("fails when a cell loses packets again that had become green", async () => {
        const good = `ok ${ADDRESS.A} demo2-x`;
        const lossy = [good, "fail lost 2 50 48", "fail lost 8 400 392"];
        answer({ "demo1-x": { [`udp ${ADDRESS.B}`]: lossy } });
        await assert.rejects(proved(), (error: Error) => {
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
        answer({ "demo1-x": { [`udp ${ADDRESS.B}`]: once } });
        assert.deepEqual((await proved()).outputs.red, []);
        const close = api.questions.filter((line) => line.startsWith(`udp ${ADDRESS.B}`)).at(-1);
        assert.equal(close, `udp ${ADDRESS.B} 400`);
    });

    it("fails an update that ends red, says what is red and why, and records what it attempted", async () => {
        answer({ "demo2-x": { [`icmp ${ADDRESS.A}`]: "fail timeout" } });
        await assert.rejects(proved(), (error: Error) => {
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
        inputs.networks[0]!.slices = { [NODE.A]: "10.0.0.0/8" };
        answer({
            "demo2-x": {
                [`icmp ${ADDRESS.A}`]: "fail timeout",
                [`trace ${ADDRESS.A}`]: `ok 10.2.1.1`,
            },
        });
        await assert.rejects(
            proved(),
            /packets get to node lab-edge1-control-plane and no further/,
        );
    });

    it("is red for a pod that is not there, or cannot be asked", async () => {
        const path = "/api/v1/namespaces/default/pods/demo2-x";
        const old = await proved();
        api.objects.delete(path);
        const gone = await matrix.diff(old, inputs, call());
        assert.deepEqual(gone.changes, { "6 of 7 cells are red": "update" });
        putPod("demo2", ADDRESS.B);
        api.answers = {};
        cluster.logged.length = 0;
        await matrix.diff(old, inputs, call());
        assert.match(cluster.logged.join(), /seen probe failed: the API answers 404 Not Found/);
    });

    it("keeps the answers of a pod that does not come to its end", async () => {
        api.stuck = true;
        const controller = new AbortController();
        const world = {
            signal: controller.signal,
            doubt: 0,
        };
        const measured = measure(inputs, world);
        while (api.questions.length < 7) {
            await setTimeout(20);
        }
        await setTimeout(50);
        api.cut();
        const { cells } = await measured;
        assert.deepEqual(
            cells.filter((cell) => !cell.ok),
            [],
        );
    });

    it("asks one API few things, over few connections, and never whether it is ready", async () => {
        await proved();
        const asked = api.requests.map((request) => /(\w+)(\?|$)/.exec(request)?.[1]);
        assert.deepEqual(asked.sort(), ["deployments", "nodes", "pods"]);
        // Two pods are asked twice, first over the connections of the lists.
        assert.equal(api.connections, 4);
    });

    it("waits for an API that starts, and then believes it", async () => {
        api.starting = 3;
        api.young = 403;
        const { outputs } = await proved();
        assert.equal(outputs.summary, "7 of 7 cells green (2 pods in 1 cluster)");
    });

    it("proves groups, big packets and the pods' own addresses", async () => {
        inputs.networks = [
            {
                name: NETWORK,
                protocols: ["large", "bulk"],
                slices: { [NODE.A]: "10.0.0.0/8" },
                mtu: 1400,
            },
            { name: "primary", protocols: ["icmp"], slices: {} },
        ];
        inputs.pairs = [
            { from: pod("demo1"), to: pod("demo2"), network: NETWORK },
            { from: pod("demo1"), to: pod("demo2"), network: "primary" },
        ];
        inputs.free = [];
        inputs.multicast = [
            {
                from: pod("demo1"),
                to: pod("demo2"),
                network: NETWORK,
                group: "239.1.2.3",
                member: true,
            },
        ];
        answer({
            "demo1-x": {
                [`large ${ADDRESS.B}`]: `ok ${ADDRESS.A} demo2-x`,
                [`bulk ${ADDRESS.B}`]: "ok 262144 bytes",
                "icmp 10.64.0.7": "ok ttl=63",
                [`multicast 239.1.2.3/${ADDRESS.B}/${ADDRESS.A}`]: "ok 5/5",
            },
        });
        const { outputs } = await proved();
        assert.ok(api.questions.includes(`large ${ADDRESS.B} 3 1400`));
        assert.deepEqual(outputs.matrix, { [NETWORK]: "3 of 3 green", primary: "1 of 1 green" });
        assert.equal(outputs.summary, "4 of 4 cells green (1 pod in 1 cluster)");
        const old = { id: "matrix", inputs, outputs };
        const moved = {
            ...inputs,
            networks: [{ ...inputs.networks[0]!, slices: UNKNOWN as never }],
        };
        assert.deepEqual((await matrix.diff(old, moved, call())).changes, { networks: "update" });
        const fewer = { ...inputs, multicast: [] };
        assert.deepEqual((await matrix.diff(old, fewer, call())).changes, { multicast: "update" });
    });

    it("refuses to prove nothing", async () => {
        const reasons = async (now: object) =>
            (await matrix.check({ ...inputs, ...now }, call())).failures.map(
                ({ property, reason }) => `${property} ${reason}`,
            );
        assert.deepEqual(await reasons({}), []);
        assert.match((await reasons({ pairs: [] })).join(), /^pairs .*nothing would be proved/);
        const [network] = inputs.networks;
        for (const networks of [[], [{ ...network!, protocols: [] }]]) {
            assert.match(
                (await reasons({ networks })).join(),
                /^networks has no protocols for data-plane/,
            );
        }
        assert.deepEqual(await reasons({ networks: UNKNOWN, pairs: UNKNOWN }), []);
        await assert.rejects(
            matrix.create({ ...inputs, pairs: [], free: [] }, call()),
            /not one cell/,
        );
    });

    it("changes with its inputs without measuring", async () => {
        const old = await proved();
        api.requests.length = 0;
        const [first] = inputs.pairs;
        const changed = { ...inputs, pairs: [first!] };
        assert.deepEqual((await matrix.diff(old, changed, call())).changes, { pairs: "update" });
        const [edge] = inputs.clusters;
        const anew = { ...inputs, clusters: [{ ...edge!, ca: UNKNOWN }] };
        assert.deepEqual((await matrix.diff(old, anew, call())).changes, { clusters: "update" });
        const replaced = { ...inputs, clusters: UNKNOWN as never };
        assert.deepEqual((await matrix.diff(old, replaced, call())).changes, {
            clusters: "update",
        });
        assert.deepEqual(api.requests, []);
    });

    it("shows what it cannot measure as a change, and waits for no API that is gone", async () => {
        const old = await proved();
        const [edge] = inputs.clusters;
        const stopped = { ...inputs, clusters: [{ ...edge!, nodeAddresses: UNKNOWN as never }] };
        assert.deepEqual((await matrix.diff(old, stopped, call())).changes, {
            "not measured: a cluster will change first": "update",
        });
        const notMeasured = { changes: { "not measured": "update" } };
        api.stop();
        assert.deepEqual(await matrix.diff(old, inputs, call()), notMeasured);
        assert.match(cluster.logged.join(), /not measured: cluster edge: The Kubernetes API of/);
        assert.deepEqual(await matrix.read(old, call()), {
            inputs: old.inputs,
            outputs: old.outputs,
        });
        cluster.logged.length = 0;
        writeFileSync(edge!.kubeconfigPath, "spoiled");
        assert.deepEqual(await matrix.diff(old, inputs, call()), notMeasured);
        assert.match(cluster.logged.join(), /is not the kubeconfig of cluster edge/);
        // An update has no choice but to fail.
        await assert.rejects(proved(), /is not the kubeconfig of cluster edge/);
    });

    it("takes over what an older version recorded, by an update", async () => {
        const { outputs } = await proved();
        const older = { ...inputs, matrix: [], summary: outputs.summary } as unknown;
        const old = { id: "matrix", inputs, outputs: older as MatrixOutputs };
        assert.deepEqual(await matrix.diff(old, inputs, call()), { changes: { matrix: "update" } });
        assert.deepEqual(await matrix.update(old, inputs, call()), outputs);
    });
});
