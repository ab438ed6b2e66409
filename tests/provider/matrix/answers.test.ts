import assert from "node:assert/strict";
import fc from "fast-check";
import { readAnswer } from "../../../provider/matrix/answers.ts";
import { runningPods } from "../../../provider/matrix/pods.ts";
import { readAnswers } from "../../../provider/matrix/probe.ts";
import { KINDS, PROBES } from "../../../provider/matrix/probes.ts";
import type { Kind } from "../../../provider/matrix/probes.ts";
import { inWords } from "../../../provider/matrix/words.ts";
import { scene } from "../matrixScene.ts";

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
