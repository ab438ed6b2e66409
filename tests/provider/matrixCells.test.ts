import assert from "node:assert/strict";
import fc from "fast-check";
import { readAnswer } from "../../provider/matrix/answers.ts";
import { counts, digest, summarize } from "../../provider/matrix/cells.ts";
import { runningPods } from "../../provider/matrix/pods.ts";
import { readAnswers } from "../../provider/matrix/probe.ts";
import { KINDS, PROBES } from "../../provider/matrix/probes.ts";
import type { Kind } from "../../provider/matrix/probes.ts";
import { prepare, questions } from "../../provider/matrix/questions.ts";
import type { Question } from "../../provider/matrix/questions.ts";
import { contains } from "../../provider/matrix/slice.ts";
import { inWords } from "../../provider/matrix/words.ts";
import {
    ADDRESS,
    all,
    backTcp,
    free,
    FREE,
    icmp,
    NETWORK,
    NODE,
    NODE_ADDRESS,
    ok,
    plan,
    POD,
    resultOf,
    scene,
    tcp,
    TIMEOUT,
    udp,
} from "./matrixScene.ts";
import type { Answer } from "./matrixScene.ts";

const cellOf = (...args: Parameters<typeof resultOf>) => resultOf(...args).cell;

describe("the cells of the matrix", () => {
    it("are one for each protocol of each pair, and one for each free address", () => {
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
        assert.deepEqual(cellOf(icmp, ok("ttl=62")), {
            from: "edge1/demo1",
            to: "edge2/demo1",
            network: NETWORK,
            protocol: "icmp",
            ok: true,
            expected: "reply",
            seen: "ttl=62",
        });
        assert.ok(cellOf(tcp, ok(ADDRESS.A, POD.B)).ok);
        assert.ok(cellOf(udp, ok(ADDRESS.A, POD.B)).ok);
        assert.deepEqual(cellOf(free, ok(NODE_ADDRESS.B)), {
            from: "edge1/demo1",
            to: `edge2/${FREE}`,
            network: NETWORK,
            protocol: "unreachable",
            ok: true,
            expected: `unreachable, from ${NODE.B}`,
            seen: `unreachable, from ${NODE.B}`,
        });
    });

    it("are red for a failure, another source, or an answer from another node", () => {
        assert.ok(!cellOf(icmp, TIMEOUT).ok);
        assert.ok(!cellOf(tcp, ok("10.2.1.1", POD.B)).ok);
        assert.ok(!cellOf(free, ok(NODE_ADDRESS.A)).ok);
        assert.ok(!cellOf(free, { kind: "reply" }).ok);
    });

    it("are red when another pod answers under the address, and say which", () => {
        const cell = cellOf(tcp, ok(ADDRESS.A, "impostor"));
        assert.ok(!cell.ok);
        assert.equal(cell.seen, `${ADDRESS.A}, answered by pod impostor`);
        const two: Answer = { kind: "two", sources: ["10.1.1.2", "10.1.1.2"], pods: ["a", "b"] };
        assert.equal(cellOf(udp, two).seen, "answers of a and b");
    });

    it("are flapping when only some packets are answered", () => {
        const cell = cellOf(icmp, { kind: "lost", lost: 3, sent: 50 });
        assert.ok(!cell.ok && cell.flapping);
        assert.equal(cell.seen, "3 of 50 lost");
        const lost = (arrived: number) =>
            inWords({ kind: "lost", lost: 5, sent: 50, arrived }, scene());
        assert.equal(lost(45), "5 of 50 lost, on the way there");
        assert.equal(lost(50), "5 of 50 lost, on the way back");
        assert.equal(lost(48), "5 of 50 lost, 2 on the way there");
    });

    it("know a node by the address that it has now, not by one of the past", () => {
        const swapped = scene();
        swapped.nodeAddresses = { [NODE.A]: NODE_ADDRESS.B, [NODE.B]: NODE_ADDRESS.A };
        const cell = cellOf(free, ok(NODE_ADDRESS.A), swapped);
        assert.ok(cell.ok);
        assert.deepEqual(cell, cellOf(free, ok(NODE_ADDRESS.B)));
    });

    it("cannot be asked without a pod, or without its address", () => {
        const around = scene();
        around.pods.get("edge2/demo1")!.addresses = {};
        assert.deepEqual(prepare(icmp, around), {
            obstacle: { kind: "no address", pod: "edge2/demo1", network: NETWORK },
        });
        around.pods.delete("edge2/demo1");
        const gone = (pod: string) => ({ obstacle: { kind: "no pod", pod } });
        assert.deepEqual(prepare(icmp, around), gone("edge2/demo1"));
        around.pods.delete("edge1/demo1");
        assert.deepEqual(prepare(free, around), gone("edge1/demo1"));
    });

    it("are asked in the order that each network names, the groups last", () => {
        const [{ from, to }] = plan.pairs as [(typeof plan.pairs)[0]];
        const asked = questions({
            clusters: [],
            namespace: "default",
            networks: [
                { name: "tunnel", protocols: ["icmp", "large", "tcp", "bulk", "udp"], slices: {} },
                { name: "lan", protocols: ["icmp"], slices: {} },
            ],
            pairs: [
                { from, to, network: "lan" },
                { from, to, network: "tunnel" },
            ],
            free: plan.free,
            multicast: [{ from, to, network: "lan", group: "239.1.2.3", member: true }],
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
        assert.deepEqual(prepare(large, scene()), {
            address: ADDRESS.B,
            expected: { kind: "source", address: ADDRESS.A, by: POD.B },
            mtu: 1500,
        });
        assert.deepEqual(prepare(bulk, scene()), {
            address: ADDRESS.B,
            expected: { kind: "bytes", bytes: 262144 },
        });
        assert.equal(cellOf(large, TIMEOUT).expected, ADDRESS.A);
        assert.equal(cellOf(bulk, TIMEOUT).expected, "262144 bytes");
        assert.ok(cellOf(large, ok(ADDRESS.A, POD.B)).ok);
        assert.equal(
            cellOf(large, { kind: "mtu", mtu: 1400, from: NODE_ADDRESS.B }).seen,
            `at most 1400 bytes, says ${NODE_ADDRESS.B}`,
        );
        assert.ok(cellOf(bulk, ok("262144 bytes")).ok);
        assert.ok(!cellOf(bulk, ok("262143 bytes")).ok);
    });

    it("want a group's datagrams at its members only", () => {
        const group = (member: boolean): Question => ({
            ...icmp,
            protocol: "multicast",
            multicast: { group: "239.1.2.3", member },
        });
        // The group, who is asked about, and the sender's own address: by that it finds the interface.
        const address = `239.1.2.3/${ADDRESS.B}/${ADDRESS.A}`;
        const expected = (arrived: number) => ({ kind: "datagrams", arrived, sent: 5 });
        assert.deepEqual(prepare(group(true), scene()), { address, expected: expected(5) });
        assert.deepEqual(prepare(group(false), scene()), { address, expected: expected(0) });
        assert.equal(cellOf(group(true), TIMEOUT).expected, "5/5");
        assert.ok(cellOf(group(true), ok("5/5")).ok);
        assert.ok(!cellOf(group(true), ok("4/5")).ok);
        assert.ok(cellOf(group(false), ok("0/5")).ok);
        assert.ok(!cellOf(group(false), ok("1/5")).ok);
        assert.ok(!cellOf(group(false), { kind: "no-route" }).ok);
    });

    it("are red where a pod's address is not of its node's slice", () => {
        const around = scene();
        around.pods.get("edge2/demo1")!.addresses[NETWORK] = "10.2.2.2";
        const obstacle = {
            kind: "wrong slice",
            pod: "edge2/demo1",
            address: "10.2.2.2",
            slice: "10.2.1.0/24",
        };
        assert.deepEqual(prepare(icmp, around), { obstacle });
        assert.deepEqual(prepare(backTcp, around), { obstacle });
        // A node of which no slice is known may give any address.
        around.networks.set(NETWORK, { name: NETWORK, protocols: ["icmp"], slices: {} });
        assert.ok(!("obstacle" in prepare(icmp, around)));
    });

    it("know where a slice ends", () => {
        assert.ok(contains("10.2.1.0/24", "10.2.1.255"));
        assert.ok(!contains("10.2.1.0/24", "10.2.2.0"));
        assert.ok(contains("10.245.1.128/25", "10.245.1.128"));
        assert.ok(!contains("10.245.1.128/25", "10.245.1.127"));
        assert.ok(contains("224.0.0.0/4", "239.255.255.255"));
        assert.ok(contains("0.0.0.0/0", "255.0.0.1"));
    });

    it("are summed up in one line, by network, and in a digest", () => {
        const cells = [
            cellOf(icmp, ok("ttl=62")),
            cellOf(backTcp, TIMEOUT),
            cellOf(udp, { kind: "lost", lost: 1, sent: 50 }),
        ];
        assert.equal(
            summarize(cells, "not measured: x"),
            "1 of 3 cells green and 1 flapping (2 pods in 2 clusters); not measured: x",
        );
        assert.equal(summarize(cells.slice(0, 1)), "1 of 1 cell green (1 pod in 1 cluster)");
        assert.deepEqual(counts(cells), { [NETWORK]: "1 of 3 green" });
        assert.equal(digest(cells), digest(structuredClone(cells)));
        assert.notEqual(digest(cells), digest([cellOf(icmp, ok("ttl=61")), ...cells.slice(1)]));
    });
});

describe("what the pods and the probe say", () => {
    const NETWORK_STATUS = [
        { name: "kindnet", interface: "eth0", ips: ["10.64.0.5"], default: true },
        { name: "default/data-plane", interface: "net1", ips: ["fd00::2", "10.1.1.2"] },
    ];
    const annotated = (status: string) => ({
        annotations: { "k8s.v1.cni.cncf.io/network-status": status },
    });
    const apiPod = (name: string, demo: string, more: object = {}) => ({
        metadata: {
            name,
            labels: { "multinet.dev/demo": demo, "pod-template-hash": "5d" },
            ownerReferences: [{ kind: "ReplicaSet", name: `${demo}-5d` }],
            ...annotated(JSON.stringify(NETWORK_STATUS)),
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

    it("leaves out pods that only have our labels, whatever else they carry", () => {
        const broken = annotated("{no json");
        const pods = runningPods("edge1", [
            apiPod("ours", "demo1"),
            apiPod("foreign", "demo1", { ownerReferences: [], ...broken }),
            apiPod("other", "demo2", { ownerReferences: [{ kind: "ReplicaSet", name: "web-5d" }] }),
            apiPod("alone", "demo3", { ownerReferences: undefined, labels: undefined }),
        ]);
        assert.deepEqual(
            [...pods].map(([key, { name }]) => [key, name]),
            [["edge1/demo1", "ours"]],
        );
    });

    it("takes an annotation that cannot be read for no address, whatever it is", () => {
        const addresses = (annotation: string) =>
            runningPods("e", [apiPod("a", "demo1", annotated(annotation))]).get("e/demo1")
                ?.addresses;
        for (const text of [
            "{no json",
            "",
            "null",
            "7",
            '{"name":1}',
            '[1,null,{"ips":[1]},{"name":"a/b","ips":[7]}]',
        ]) {
            assert.deepEqual(addresses(text), { primary: "10.64.0.9" }, text);
        }
        fc.assert(
            fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
                assert.ok(addresses(text));
            }),
        );
    });

    it("is taken by index, in any order, and without a line that was cut off", () => {
        const said = "2 fail icmp 1 10.0.0.9\n0 ok ttl=62\n7 ok x\nnonsense\n1 ok 10.0";
        const lines = [PROBES.icmp, PROBES.tcp, PROBES.icmp];
        assert.deepEqual(readAnswers(said, lines, "cut off"), [
            { kind: "echo", ttl: 62 },
            { kind: "probe", reason: "cut off" },
            { kind: "icmp", code: 1, from: "10.0.0.9" },
        ]);
    });

    it("is read word by word", () => {
        const read = (line: string, kind: Kind = "udp") => {
            const [verdict = "", ...words] = line.split(" ");
            return readAnswer(verdict, words, PROBES[kind].read);
        };
        const words = (line: string) => inWords(read(line), scene());
        const source = { kind: "source", address: "10.1.1.2" };
        assert.deepEqual(read("ok 10.1.1.2"), source);
        assert.deepEqual(read("ok 10.1.1.2 demo1-x"), { ...source, by: "demo1-x" });
        assert.deepEqual(read("ok 262144 bytes", "bulk"), { kind: "bytes", bytes: 262144 });
        assert.deepEqual(read("ok 4/5", "multicast"), { kind: "datagrams", arrived: 4, sent: 5 });
        assert.deepEqual(read("ok 10.0.0.9", "unreachable"), {
            kind: "owner",
            address: "10.0.0.9",
        });
        assert.deepEqual(read("ok alone", "unique"), { kind: "alone" });
        for (const kind of KINDS) {
            assert.deepEqual(read("ok of sorts", kind), { kind: "other", text: "of sorts" });
        }
        assert.deepEqual(read("fail lost 3 50 47"), {
            kind: "lost",
            lost: 3,
            sent: 50,
            arrived: 47,
        });
        assert.deepEqual(read("fail lost 3 50"), { kind: "lost", lost: 3, sent: 50 });
        assert.deepEqual(read("fail mtu 1400 10.0.0.1"), {
            kind: "mtu",
            mtu: 1400,
            from: "10.0.0.1",
        });
        assert.deepEqual(read("fail mtu 1400"), { kind: "mtu", mtu: 1400 });
        assert.deepEqual(read("fail refused"), { kind: "refused" });
        assert.deepEqual(read("fail no interface has it"), {
            kind: "other",
            text: "no interface has it",
        });
        assert.equal(words("fail icmp 1 10.0.0.9"), "host unreachable, from 10.0.0.9");
        assert.equal(words("fail icmp 13 10.0.0.9"), "refused by ICMP code 13, from 10.0.0.9");
    });
});
