import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { identityOf } from "../../provider/kind/kubeconfigFile.ts";
import { judge, prepare, questions, summarize, unasked } from "../../provider/matrix/cells.ts";
import type { Question, Scene } from "../../provider/matrix/cells.ts";
import { explain } from "../../provider/matrix/hop.ts";
import type { MatrixInputs } from "../../provider/matrix/inputs.ts";
import { measure } from "../../provider/matrix/measure.ts";
import { runningPods } from "../../provider/matrix/pods.ts";
import { readAnswers } from "../../provider/matrix/probe.ts";
import { reachabilityMatrix } from "../../provider/reachabilityMatrix.ts";
import { UNKNOWN } from "../../provider/resource.ts";
import type { Call } from "../../provider/resource.ts";
import { FakeApi } from "./fakes/api.ts";

const A = { cluster: "edge1", demo: "demo1" };
const B = { cluster: "edge2", demo: "demo1" };
const NETWORK = "data-plane";
const ADDRESS = { A: "10.1.1.2", B: "10.2.1.2" };
const NODE = { A: "lab-edge1-control-plane", B: "lab-edge2-control-plane" };
const NODE_ADDRESS = { A: "10.200.0.2", B: "10.200.0.3" };
const FREE = "10.2.1.254";

const scene = (): Scene => ({
    pods: new Map([
        [
            "edge1/demo1",
            {
                name: "demo1-x",
                cluster: "edge1",
                node: NODE.A,
                addresses: { [NETWORK]: ADDRESS.A },
            },
        ],
        [
            "edge2/demo1",
            {
                name: "demo1-y",
                cluster: "edge2",
                node: NODE.B,
                addresses: { [NETWORK]: ADDRESS.B },
            },
        ],
    ]),
    nodeAddresses: { [NODE.A]: NODE_ADDRESS.A, [NODE.B]: NODE_ADDRESS.B },
});

const plan = {
    pairs: [
        { from: A, to: B, network: NETWORK },
        { from: B, to: A, network: NETWORK },
    ],
    free: [{ from: A, cluster: "edge2", node: NODE.B, network: NETWORK, address: FREE }],
};
const all = questions({ ...plan, clusters: [], namespace: "default" });
const [icmp, tcp, udp] = all as [Question, Question, Question];
const backTcp = all[4]!;
const free = all[6]!;

/** The cell of a question for what the probe said. */
function cellOf(question: Question, ok: boolean, detail: string, around = scene()) {
    const prepared = prepare(question, around);
    assert.ok(!("fault" in prepared));
    return judge(question, prepared.expected, { ok, detail });
}

describe("the cells of the matrix", () => {
    it("are three for each pair and one for each free address", () => {
        assert.deepEqual(
            all.map(({ from, to, protocol }) => `${from} ${to} ${protocol}`),
            [
                "edge1/demo1 edge2/demo1 icmp",
                "edge1/demo1 edge2/demo1 tcp",
                "edge1/demo1 edge2/demo1 udp",
                "edge2/demo1 edge1/demo1 icmp",
                "edge2/demo1 edge1/demo1 tcp",
                "edge2/demo1 edge1/demo1 udp",
                `edge1/demo1 edge2/${FREE} unreachable`,
            ],
        );
    });

    it("are green for a reply, the right source, and an answer from the owner of the slice", () => {
        assert.deepEqual(cellOf(icmp, true, "ttl=62"), {
            from: "edge1/demo1",
            to: "edge2/demo1",
            network: NETWORK,
            protocol: "icmp",
            ok: true,
            expected: "reply",
            seen: "ttl=62",
        });
        assert.ok(cellOf(tcp, true, ADDRESS.A).ok);
        assert.ok(cellOf(udp, true, ADDRESS.A).ok);
        assert.deepEqual(cellOf(free, true, NODE_ADDRESS.B), {
            from: "edge1/demo1",
            to: `edge2/${FREE}`,
            network: NETWORK,
            protocol: "unreachable",
            ok: true,
            expected: `unreachable, from ${NODE_ADDRESS.B}`,
            seen: `unreachable, from ${NODE_ADDRESS.B}`,
        });
    });

    it("are red for a failure, another source, or an answer from someone else", () => {
        assert.ok(!cellOf(icmp, false, "timeout").ok);
        assert.ok(!cellOf(tcp, true, "10.2.1.1").ok);
        assert.ok(!cellOf(udp, false, ADDRESS.A).ok);
        assert.ok(!cellOf(free, true, NODE_ADDRESS.A).ok);
        assert.ok(!cellOf(free, false, "reply").ok);
    });

    it("cannot be asked without a pod, or without its address", () => {
        const around = scene();
        around.pods.get("edge2/demo1")!.addresses = {};
        assert.deepEqual(prepare(icmp, around), {
            fault: "pod edge2/demo1 has no address on data-plane",
        });
        around.pods.delete("edge2/demo1");
        assert.deepEqual(prepare(icmp, around), { fault: "no running pod edge2/demo1" });
        around.pods.delete("edge1/demo1");
        assert.deepEqual(prepare(free, around), { fault: "no running pod edge1/demo1" });
    });

    it("are summed up in one line", () => {
        const cells = [cellOf(icmp, true, "ttl=62"), cellOf(backTcp, false, "timeout")];
        assert.equal(summarize(cells), "1 of 2 cells green (2 pods in 2 clusters)");
        assert.equal(summarize(cells.slice(0, 1)), "1 of 1 cell green (1 pod in 1 cluster)");
    });
});

describe("the likely hop", () => {
    const explained = (question: Question, cell: ReturnType<typeof cellOf>, others = [cell]) =>
        explain(cell, question, others, scene());

    it("names pair, direction, expectation and the node that masquerades", () => {
        assert.equal(
            explained(tcp, cellOf(tcp, true, NODE_ADDRESS.A)),
            `edge1/demo1 -> edge2/demo1 tcp on data-plane: expected ${ADDRESS.A}, seen ${NODE_ADDRESS.A}; ` +
                `the source was rewritten (masqueraded) on node ${NODE.A}`,
        );
        assert.match(
            explained(tcp, cellOf(tcp, true, "10.2.1.1")),
            /masqueraded\) on node lab-edge2-/,
        );
    });

    it("tells one dead direction from two", () => {
        const red = cellOf(tcp, false, "timeout");
        const back = (ok: boolean) => cellOf(backTcp, ok, ok ? ADDRESS.B : "timeout");
        assert.match(
            explained(tcp, red, [red, back(false)]),
            /routes of nodes lab-edge1-control-plane and lab-edge2-control-plane$/,
        );
        assert.match(
            explained(tcp, red, [red, back(true)]),
            /look at node lab-edge1-control-plane's route to node lab-edge2-control-plane$/,
        );
    });

    it("knows a pod that is older than Multus, and what to do", () => {
        assert.match(
            explained(icmp, unasked(icmp, "pod edge2/demo1 has no address on data-plane")),
            /made before Multus was ready; delete pod demo1-y/,
        );
    });

    it("knows why a free address is not unreachable", () => {
        assert.match(explained(free, cellOf(free, false, "reply")), /somebody has this address$/);
        assert.match(explained(free, cellOf(free, false, "timeout")), /has no "unreachable" route/);
        assert.match(
            explained(free, cellOf(free, true, "10.200.0.1")),
            /did not get to node lab-edge2/,
        );
    });

    it("asks for a pod that is not there", () => {
        const around = scene();
        around.pods.delete("edge1/demo1");
        const cell = unasked(icmp, "no running pod edge1/demo1");
        assert.match(explain(cell, icmp, [cell], around), /Deployment of edge1\/demo1 there/);
    });

    it("sees that nothing listens", () => {
        const red = cellOf(tcp, false, "refused");
        assert.match(explained(tcp, red), /nothing listens in pod demo1-y$/);
    });
});

describe("what the pods and the probe say", () => {
    const apiPod = (name: string, demo: string, more: object = {}) => ({
        metadata: {
            name,
            labels: { "multinet.dev/demo": demo },
            annotations: {
                "k8s.v1.cni.cncf.io/network-status": JSON.stringify([
                    { name: "kindnet", interface: "eth0", ips: ["10.64.0.5"], default: true },
                    { name: "default/data-plane", interface: "net1", ips: ["fd00::2", "10.1.1.2"] },
                ]),
            },
            ...more,
        },
        spec: { nodeName: "node1" },
        status: { phase: "Running" },
    });

    it("gives each running pod's node and extra addresses", () => {
        const pods = runningPods("edge1", [
            apiPod("a", "demo1"),
            apiPod("b", "demo2", { deletionTimestamp: "2026-01-01T00:00:00Z" }),
            { ...apiPod("c", "demo3"), status: { phase: "Pending" } },
            apiPod("d", "demo4", { annotations: {} }),
        ]);
        assert.deepEqual([...pods.keys()], ["edge1/demo1", "edge1/demo4"]);
        assert.deepEqual(pods.get("edge1/demo1"), {
            name: "a",
            cluster: "edge1",
            node: "node1",
            addresses: { "data-plane": "10.1.1.2" },
        });
        assert.deepEqual(pods.get("edge1/demo4")?.addresses, {});
    });

    it("is taken only in the order in which it was asked", () => {
        const probes = [
            { protocol: "icmp" as const, address: "10.0.0.1" },
            { protocol: "tcp" as const, address: "10.0.0.2" },
            { protocol: "unreachable" as const, address: "10.0.0.3" },
        ];
        const said =
            "icmp 10.0.0.1 ok ttl=62\ntcp 10.0.0.9 ok x\nunreachable 10.0.0.3 fail no one from a\n";
        assert.deepEqual(readAnswers(said, probes), [
            { ok: true, detail: "ttl=62" },
            { ok: false, detail: "no answer from the probe" },
            { ok: false, detail: "no one from a" },
        ]);
    });
});

describe("the reachability matrix", function () {
    this.timeout(15_000);
    const matrix = reachabilityMatrix({ settling: 1500, looking: 0 });
    let folder: string;
    let api: FakeApi;
    let inputs: MatrixInputs;
    let logged: string[];

    beforeEach(async () => {
        folder = mkdtempSync(join(tmpdir(), "multinet-matrix-"));
        logged = [];
        api = new FakeApi();
        await api.start();
        const kubeconfigPath = join(folder, "kubeconfig");
        writeFileSync(kubeconfigPath, api.kubeconfig);
        const cluster = (name: string, node: string, address: string) => ({
            name,
            kubeconfigPath,
            ca: identityOf(api.kubeconfig).ca,
            nodeAddresses: { [node]: address },
        });
        // Both demo pods live in one cluster here: one fake API is enough.
        inputs = {
            clusters: [cluster("edge", NODE.A, NODE_ADDRESS.A)],
            namespace: "default",
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
        putPod("demo1", ADDRESS.A);
        putPod("demo2", ADDRESS.B);
        answer({});
    });
    afterEach(() => {
        api.stop();
        rmSync(folder, { recursive: true });
    });

    const pod = (demo: string) => ({ cluster: "edge", demo });

    function putPod(demo: string, address: string) {
        const status = [{ name: "default/data-plane", interface: "net1", ips: [address] }];
        api.put(`/api/v1/namespaces/default/pods/${demo}-x`, {
            metadata: {
                name: `${demo}-x`,
                labels: { "multinet.dev/demo": demo },
                annotations: { "k8s.v1.cni.cncf.io/network-status": JSON.stringify(status) },
            },
            spec: { nodeName: NODE.A },
            status: { phase: "Running" },
        });
    }

    /** All is well, except for what is stated. */
    function answer(faults: Record<string, Record<string, string>>) {
        const well = (from: string, to: string) => ({
            [`icmp ${to}`]: "ok ttl=62",
            [`tcp ${to}`]: `ok ${from}`,
            [`udp ${to}`]: `ok ${from}`,
            [`unreachable ${FREE}`]: `ok ${NODE_ADDRESS.A}`,
        });
        api.answers = {
            "demo1-x": { ...well(ADDRESS.A, ADDRESS.B), ...faults["demo1-x"] },
            "demo2-x": { ...well(ADDRESS.B, ADDRESS.A), ...faults["demo2-x"] },
        };
    }

    const call = (preview = false): Call => ({
        urn: "urn",
        preview,
        signal: new AbortController().signal,
        log: (_severity, message) => {
            logged.push(message);
        },
    });
    async function proved() {
        const { id, outputs } = await matrix.create(inputs, call());
        return { id, inputs, outputs };
    }

    it("is measured from inside the pods, each asked once", async () => {
        const { outputs } = await proved();
        assert.equal(outputs.summary, "7 of 7 cells green (2 pods in 1 cluster)");
        assert.equal(outputs.matrix.length, 7);
        assert.deepEqual(await proved(), { id: "matrix", inputs, outputs });
    });

    it("is unknown in a preview", async () => {
        const { outputs } = await matrix.create(inputs, call(true));
        assert.equal(outputs.matrix, UNKNOWN as never);
        assert.equal(outputs.summary, UNKNOWN);
        assert.deepEqual(api.requests, []);
    });

    it("does not change while all stays green and in place", async () => {
        const old = await proved();
        assert.deepEqual(await matrix.diff(old, inputs, call()), { changes: {} });
        putPod("demo2", "10.2.1.9");
        answer({
            "demo1-x": {
                "icmp 10.2.1.9": "ok ttl=62",
                "tcp 10.2.1.9": `ok ${ADDRESS.A}`,
                "udp 10.2.1.9": `ok ${ADDRESS.A}`,
            },
            "demo2-x": { [`tcp ${ADDRESS.A}`]: "ok 10.2.1.9", [`udp ${ADDRESS.A}`]: "ok 10.2.1.9" },
        });
        assert.deepEqual(await matrix.diff(old, inputs, call()), { changes: { matrix: "update" } });
    });

    it("names red cells as drift", async () => {
        const old = await proved();
        answer({ "demo1-x": { [`tcp ${ADDRESS.B}`]: "ok 10.200.0.2" } });
        assert.deepEqual(await matrix.diff(old, inputs, call()), {
            changes: { "edge/demo1 -> edge/demo2 tcp on data-plane (red)": "update" },
        });
        assert.match(logged.join(), /masqueraded\) on node lab-edge1-control-plane/);
    });

    it("asks only red cells again, until they are green", async () => {
        answer({ "demo1-x": { [`udp ${ADDRESS.B}`]: "fail timeout" } });
        const rounds: number[] = [];
        const { cells, faults } = await measure(inputs, {
            signal: new AbortController().signal,
            patience: 10_000,
            onRetry: (red) => {
                rounds.push(red.length);
                answer({});
            },
        });
        assert.deepEqual(rounds, [1]);
        assert.equal(cells.length, 7);
        assert.deepEqual(faults, []);
    });

    it("fails an update that ends red, and says what is red and why", async () => {
        answer({ "demo2-x": { [`icmp ${ADDRESS.A}`]: "fail timeout" } });
        await assert.rejects(proved(), (error: Error) => {
            assert.match(error.message, /^reachability: 1 of 7 cells are red after 1\.5 s\n/);
            assert.match(
                error.message,
                /edge\/demo2 -> edge\/demo1 icmp on data-plane: expected reply, seen timeout/,
            );
            return true;
        });
    });

    it("is red for a pod that is not there, or cannot be asked", async () => {
        const path = "/api/v1/namespaces/default/pods/demo2-x";
        const old = await proved();
        api.objects.delete(path);
        const gone = await matrix.diff(old, inputs, call());
        assert.equal(Object.keys(gone.changes).length, 6);
        putPod("demo2", ADDRESS.B);
        api.answers = {};
        logged = [];
        await matrix.diff(old, inputs, call());
        assert.match(logged.join(), /seen probe failed: the API answers 404 Not Found/);
    });

    it("refuses to prove nothing", async () => {
        const { failures } = await matrix.check({ ...inputs, pairs: [] }, call());
        assert.match(failures[0]?.reason ?? "", /nothing would be proved/);
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
        const [cluster] = inputs.clusters;
        const anew = { ...inputs, clusters: [{ ...cluster!, ca: UNKNOWN }] };
        assert.deepEqual((await matrix.diff(old, anew, call())).changes, { clusters: "update" });
        const replaced = { ...inputs, clusters: UNKNOWN as never };
        assert.deepEqual((await matrix.diff(old, replaced, call())).changes, {
            clusters: "update",
        });
        const stopped = { ...inputs, clusters: [{ ...cluster!, nodeAddresses: UNKNOWN as never }] };
        assert.deepEqual((await matrix.diff(old, stopped, call())).changes, {});
        writeFileSync(cluster!.kubeconfigPath, "spoiled");
        assert.deepEqual((await matrix.diff(old, inputs, call())).changes, {});
        assert.deepEqual(api.requests, []);
    });
});
