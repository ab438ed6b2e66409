import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { setTimeout } from "node:timers/promises";
import { judge, prepare, questions, summarize, unasked } from "../../provider/matrix/cells.ts";
import type { Question, Scene } from "../../provider/matrix/cells.ts";
import { explain } from "../../provider/matrix/hop.ts";
import type { MatrixInputs } from "../../provider/matrix/inputs.ts";
import { measure } from "../../provider/matrix/measure.ts";
import { runningPods } from "../../provider/matrix/pods.ts";
import { readAnswers } from "../../provider/matrix/probe.ts";
import { contains } from "../../provider/matrix/slice.ts";
import { reachabilityMatrix } from "../../provider/reachabilityMatrix.ts";
import { UNKNOWN } from "../../provider/resource.ts";
import type { FakeApi } from "./fakes/api.ts";
import { FakeCluster } from "./fakes/cluster.ts";

const A = { cluster: "edge1", demo: "demo1" };
const B = { cluster: "edge2", demo: "demo1" };
const NETWORK = "data-plane";
const ADDRESS = { A: "10.1.1.2", B: "10.2.1.2" };
const NODE = { A: "lab-edge1-control-plane", B: "lab-edge2-control-plane" };
const NODE_ADDRESS = { A: "10.200.0.2", B: "10.200.0.3" };
const FREE = "10.2.1.254";

const networks: MatrixInputs["networks"] = [
    {
        name: NETWORK,
        protocols: ["icmp", "tcp", "udp"],
        slices: { [NODE.A]: "10.1.1.0/24", [NODE.B]: "10.2.1.0/24" },
    },
];

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
    networks: new Map(networks.map((network) => [network.name, network])),
});

const plan = {
    pairs: [
        { from: A, to: B, network: NETWORK },
        { from: B, to: A, network: NETWORK },
    ],
    free: [{ from: A, cluster: "edge2", node: NODE.B, network: NETWORK, address: FREE }],
};
const all = questions({
    ...plan,
    networks,
    multicast: [],
    clusters: [],
    namespace: "default",
});
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

    it("are asked in the order that each network names, the groups last", () => {
        const asked = questions({
            clusters: [],
            namespace: "default",
            networks: [
                { name: "tunnel", protocols: ["icmp", "large", "tcp", "bulk", "udp"], slices: {} },
                { name: "lan", protocols: ["icmp"], slices: {} },
            ],
            pairs: [
                { from: A, to: B, network: "lan" },
                { from: A, to: B, network: "tunnel" },
            ],
            free: plan.free,
            multicast: [{ from: A, to: B, network: "lan", group: "239.1.2.3", member: true }],
        });
        assert.deepEqual(
            asked.map(({ network, protocol }) => `${network} ${protocol}`),
            [
                "lan icmp",
                "tunnel icmp",
                "tunnel large",
                "tunnel tcp",
                "tunnel bulk",
                "tunnel udp",
                "data-plane unreachable",
                "lan multicast",
            ],
        );
    });

    it("want large packets from the pod's own address and every byte of many", () => {
        const large: Question = { ...icmp, protocol: "large" };
        const bulk: Question = { ...icmp, protocol: "bulk" };
        assert.deepEqual(prepare(large, scene()), { address: ADDRESS.B, expected: ADDRESS.A });
        assert.deepEqual(prepare(bulk, scene()), {
            address: ADDRESS.B,
            expected: "4194304 bytes",
        });
        assert.ok(cellOf(large, true, ADDRESS.A).ok);
        assert.ok(!cellOf(large, false, "timeout").ok);
        assert.ok(cellOf(bulk, true, "4194304 bytes").ok);
        assert.ok(!cellOf(bulk, true, "4194303 bytes").ok);
    });

    it("want a group's datagrams at its members only", () => {
        const group = (member: boolean): Question => ({
            ...icmp,
            protocol: "multicast",
            multicast: { group: "239.1.2.3", member },
        });
        // The group, who is asked about, and the sender's own address: by that it finds the interface.
        const address = `239.1.2.3/${ADDRESS.B}/${ADDRESS.A}`;
        assert.deepEqual(prepare(group(true), scene()), { address, expected: "5/5" });
        assert.deepEqual(prepare(group(false), scene()), { address, expected: "0/5" });
        assert.ok(cellOf(group(true), true, "5/5").ok);
        assert.ok(!cellOf(group(true), true, "4/5").ok);
        assert.ok(cellOf(group(false), true, "0/5").ok);
        assert.ok(!cellOf(group(false), true, "1/5").ok);
        assert.ok(!cellOf(group(false), false, "no-route").ok);
    });

    it("are red where a pod's address is not of its node's slice", () => {
        const around = scene();
        around.pods.get("edge2/demo1")!.addresses[NETWORK] = "10.2.2.2";
        const fault = "pod edge2/demo1 has 10.2.2.2, outside of its node's slice 10.2.1.0/24";
        assert.deepEqual(prepare(icmp, around), { fault });
        assert.deepEqual(prepare(backTcp, around), { fault });
        // A node of which no slice is known may give any address.
        around.networks.set(NETWORK, { name: NETWORK, protocols: ["icmp"], slices: {} });
        assert.ok(!("fault" in prepare(icmp, around)));
    });

    it("know where a slice ends", () => {
        assert.ok(contains("10.2.1.0/24", "10.2.1.255"));
        assert.ok(!contains("10.2.1.0/24", "10.2.2.0"));
        assert.ok(contains("10.245.1.128/25", "10.245.1.128"));
        assert.ok(!contains("10.245.1.128/25", "10.245.1.127"));
        assert.ok(contains("224.0.0.0/4", "239.255.255.255"));
        assert.ok(contains("0.0.0.0/0", "255.0.0.1"));
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

    it("knows a pod whose address is of another slice, and one that its own CNI gave none", () => {
        const around = scene();
        around.pods.get("edge1/demo1")!.addresses[NETWORK] = "10.7.1.2";
        const prepared = prepare(icmp, around);
        assert.ok("fault" in prepared);
        const cell = unasked(icmp, prepared.fault);
        assert.match(
            explain(cell, icmp, [cell], around),
            /made when node lab-edge1-control-plane gave out other addresses; delete pod demo1-x/,
        );
        const primary = { ...icmp, network: "primary" };
        assert.match(
            explained(primary, unasked(primary, "pod edge2/demo1 has no address on primary")),
            /the cluster's own CNI on node lab-edge2-control-plane$/,
        );
    });

    it("is not confused by names that begin alike", () => {
        const around = scene();
        around.pods.set("edge2/demo10", { ...around.pods.get("edge2/demo1")!, name: "demo10-z" });
        const question = { ...icmp, from: "edge2/demo10" };
        const cell = unasked(question, "pod edge2/demo10 has no address on data-plane");
        assert.match(explain(cell, question, [cell], around), /delete pod demo10-z,/);
    });

    it("names the MTU when only big packets are lost", () => {
        const small = cellOf({ ...icmp, protocol: "udp" }, true, ADDRESS.A);
        const large = cellOf({ ...icmp, protocol: "large" }, false, "timeout");
        const question: Question = { ...icmp, protocol: "large" };
        assert.match(
            explained(question, large, [small, large]),
            /udp works, so big packets are lost: look at the MTU of data-plane, in the route of pod demo1-x/,
        );
        const lot: Question = { ...icmp, protocol: "bulk" };
        const bulk = cellOf(lot, false, "timeout");
        const talk = cellOf(tcp, true, ADDRESS.A);
        assert.match(explained(lot, bulk, [talk, bulk]), /tcp works, so big packets are lost/);
        const red = cellOf(tcp, false, "timeout");
        assert.doesNotMatch(explained(lot, bulk, [red, bulk]), /big packets/);
    });

    describe("in a tunnel", () => {
        const around = scene();
        around.networks.set(NETWORK, {
            name: NETWORK,
            protocols: ["icmp", "large", "tcp", "bulk", "udp"],
            slices: { [NODE.A]: "10.1.1.0/24", [NODE.B]: "10.2.1.0/24" },
        });
        const said = (
            question: Question,
            cell: ReturnType<typeof cellOf>,
            others: (typeof cell)[],
        ) => explain(cell, question, others, around);

        it("asks for the pool's route when nothing passes, then for the agents", () => {
            const red = [icmp, tcp, udp].map((question) => cellOf(question, false, "timeout"));
            const text = said(icmp, red[0]!, red);
            assert.match(text, /is the network's own range routed to the interface of data-plane/);
            assert.match(
                text,
                /in pods demo1-x and demo1-y \(`ip route`\)\? The plugin that is chained/,
            );
            assert.match(
                text,
                /look at the Cilium agents of nodes lab-edge1-control-plane and lab-edge2-/,
            );
        });

        it("looks at the agents when something passes", () => {
            const red = cellOf(udp, false, "timeout");
            assert.match(
                said(udp, red, [cellOf(icmp, true, "ttl=63"), red]),
                /timeout; look at the Cilium agents of nodes/,
            );
        });

        it("sees a question that left by another interface", () => {
            // The node's own address in the pool: what leaves by eth0 gets that as its source.
            const red = cellOf(tcp, true, "10.1.1.200", around);
            assert.match(said(tcp, red, [red]), /the question left by another interface: is the/);
        });
    });

    it("looks for what carries a pod's own address at the cluster's CNI", () => {
        const primary = { ...tcp, network: "primary" };
        const red = { ...cellOf(tcp, false, "timeout"), network: "primary" };
        assert.match(
            explained(primary, red),
            /the cluster's own CNI on nodes lab-edge1.* and lab-edge2/,
        );
    });

    it("tells a group that does not get through from a network that does not", () => {
        const question = (member: boolean): Question => ({
            ...icmp,
            protocol: "multicast",
            multicast: { group: "239.1.2.3", member },
        });
        const cell = (member: boolean, ok: boolean, detail: string) =>
            cellOf(question(member), ok, detail);
        const unicast = (ok: boolean) => cellOf(udp, ok, ok ? ADDRESS.A : "timeout");
        const lost = cell(true, true, "0/5");
        assert.match(
            explained(question(true), lost, [lost, unicast(true)]),
            /expected 5\/5, seen 0\/5; unicast works: has pod demo1-y joined group 239\.1\.2\.3/,
        );
        assert.match(explained(question(true), lost, [lost, unicast(false)]), /nor does unicast/);
        assert.match(
            explained(question(false), cell(false, true, "5/5")),
            /something in pod demo1-y has joined group 239\.1\.2\.3$/,
        );
        assert.match(
            explained(question(true), cell(true, false, "no-route")),
            /pod demo1-x cannot send to group 239\.1\.2\.3: look at its interface of data-plane$/,
        );
    });

    it("says that the probe did not run", () => {
        const red = cellOf(icmp, false, "probe failed: the API answers 500");
        assert.match(
            explained(icmp, red),
            /could not be run in pod demo1-x: is its node lab-edge1/,
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
        const back = cellOf(backTcp, false, "refused");
        assert.match(explained(tcp, red, [red, back]), /nothing listens in pod demo1-y$/);
    });
});

describe("what the pods and the probe say", () => {
    const NETWORK_STATUS = [
        { name: "kindnet", interface: "eth0", ips: ["10.64.0.5"], default: true },
        { name: "default/data-plane", interface: "net1", ips: ["fd00::2", "10.1.1.2"] },
    ];
    const apiPod = (name: string, demo: string, more: object = {}) => ({
        metadata: {
            name,
            labels: { "multinet.dev/demo": demo },
            annotations: { "k8s.v1.cni.cncf.io/network-status": JSON.stringify(NETWORK_STATUS) },
            ...more,
        },
        spec: { nodeName: "node1" },
        status: { phase: "Running", podIP: "10.64.0.9" },
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
            // With Cilium on the node, the address that Multus reports is the one of eth0.
            addresses: { primary: "10.64.0.5", "data-plane": "10.1.1.2" },
        });
        assert.deepEqual(pods.get("edge1/demo4")?.addresses, { primary: "10.64.0.9" });
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
                labels: { "multinet.dev/demo": demo },
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

    const call: FakeCluster["call"] = (...args) => cluster.call(...args);
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
        assert.match(cluster.logged.join(), /masqueraded\) on node lab-edge1-control-plane/);
    });

    it("waits for pods that are still replaced, and takes them for drift", async () => {
        const old = await proved();
        putDeployment("demo2", 2, 1);
        const { changes } = await matrix.diff(old, inputs, call());
        assert.equal(Object.keys(changes).length, 6);
        let done = false;
        const proof = proved().then((value) => ((done = true), value));
        while (api.requests.filter((one) => one.includes("deployments")).length < 6) {
            await setTimeout(20);
        }
        assert.ok(!done);
        putDeployment("demo2", 2, 2);
        assert.equal((await proof).outputs.matrix.length, 7);
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
        cluster.logged.length = 0;
        await matrix.diff(old, inputs, call());
        assert.match(cluster.logged.join(), /seen probe failed: the API answers 404 Not Found/);
    });

    it("asks one API once, over few connections, and never whether it is ready", async () => {
        await proved();
        const asked = api.requests.map((request) => /(\w+)\?/.exec(request)?.[1]);
        assert.deepEqual(asked.sort(), ["deployments", "pods"]);
        // The pods are asked over the connections of the lists.
        assert.equal(api.connections, 2);
    });

    it("waits for an API that starts, and then believes it", async () => {
        api.starting = 2;
        api.young = 403;
        const { outputs } = await proved();
        assert.equal(outputs.summary, "7 of 7 cells green (2 pods in 1 cluster)");
        assert.equal(api.requests.filter((one) => one === "GET /readyz").length, 3);
    });

    it("proves groups, big packets and the pods' own addresses", async () => {
        inputs.networks = [
            { name: NETWORK, protocols: ["large", "bulk"], slices: { [NODE.A]: "10.0.0.0/8" } },
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
                [`large ${ADDRESS.B}`]: `ok ${ADDRESS.A}`,
                [`bulk ${ADDRESS.B}`]: "ok 4194304 bytes",
                "icmp 10.64.0.7": "ok ttl=63",
                [`multicast 239.1.2.3/${ADDRESS.B}/${ADDRESS.A}`]: "ok 5/5",
            },
        });
        const { outputs } = await proved();
        assert.deepEqual(
            outputs.matrix.map(({ network, protocol, seen }) => `${network} ${protocol} ${seen}`),
            [
                `${NETWORK} large ${ADDRESS.A}`,
                `${NETWORK} bulk 4194304 bytes`,
                "primary icmp ttl=63",
                `${NETWORK} multicast 5/5`,
            ],
        );
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
        const stopped = { ...inputs, clusters: [{ ...edge!, nodeAddresses: UNKNOWN as never }] };
        assert.deepEqual((await matrix.diff(old, stopped, call())).changes, {});
        writeFileSync(edge!.kubeconfigPath, "spoiled");
        assert.deepEqual((await matrix.diff(old, inputs, call())).changes, {});
        assert.deepEqual(api.requests, []);
    });
});
