import assert from "node:assert/strict";
import { twoNodes } from "../twoNodes.ts";

describe("data plane of two nodes", function () {
    this.timeout(120_000);
    const nodes = twoNodes();

    it("answers for a free address that nobody is there: the node it would be on, not the default route", function () {
        assert.deepEqual(
            nodes.probe(
                nodes.here.pod,
                "unreachable 10.2.1.254",
                `unreachable ${nodes.there.address}`,
            ),
            ["ok 10.193.0.12", "fail reply"],
        );
        assert.deepEqual(nodes.probe(nodes.there.pod, "unreachable 10.2.1.9"), ["ok 10.2.1.1"]);
    });

    it("tells the ways to fail apart and answers every line under its number", function () {
        const questions = [
            "icmp 10.2.1.254",
            "icmp 192.0.2.1",
            "tcp 192.0.2.1",
            "udp 192.0.2.1",
            "icmp 10.2.1.7;reboot",
            "gre 10.2.1.7",
            "",
            "bulk 192.0.2.1",
            "multicast 10.2.1.7",
            "udp 10.2.1.7",
        ];
        assert.deepEqual(nodes.probe(nodes.here.pod, ...questions), [
            "fail icmp 1 10.193.0.12",
            "fail no-route",
            "fail no-route",
            "fail no-route",
            "fail this is not the address of a icmp",
            "fail this is not a kind of probe",
            "fail this is not a kind of probe",
            "fail no-route",
            "fail this is not the address of a multicast",
            "ok 10.1.1.7 pod",
        ]);
    });

    // Later than what asks once: it uses up the answers that a node gives without a pause.
    it("gets that answer however often it asks, though a node gives it only so often", function () {
        const lines = Array.from(
            { length: 8 },
            () => nodes.probe(nodes.here.pod, "unreachable 10.2.1.254")[0],
        );
        assert.deepEqual(
            lines,
            lines.map(() => "ok 10.193.0.12"),
        );
    });

    it("gives up after seconds on an address that never answers, on all at once", function () {
        nodes.box.ip(nodes.there.node.space, "route add blackhole 10.2.1.200/32");
        const kinds = ["icmp 50", "tcp 10", "udp 50", "large 3", "bulk 1", "unreachable 1"];
        const questions = kinds.flatMap((kind) => {
            const question = kind.replace(" ", " 10.2.1.200 ");
            return [question, question];
        });
        const begin = performance.now();
        const lines = nodes.probe(nodes.here.pod, ...questions);
        // One after the other they would take thirty seconds.
        assert.ok(performance.now() - begin < 12_000);
        assert.deepEqual(
            lines,
            questions.map(() => "fail timeout"),
        );
    });

    it("answers many at once", function () {
        const kinds = ["tcp", "udp", "icmp"];
        const questions = Array.from(
            { length: 120 },
            (_, i) => `${kinds[i % 3]} ${nodes.there.address} 50`,
        );
        const lines = nodes.probe(nodes.here.pod, ...questions);
        const expected = [
            `ok ${nodes.here.address} pod`,
            `ok ${nodes.here.address} pod`,
            "ok ttl=62",
        ];
        assert.deepEqual(
            lines,
            questions.map((_, i) => expected[i % 3]),
        );
    });

    it("is ready with all listeners and interfaces only, and says what is missing", async function () {
        assert.deepEqual(nodes.podReady(nodes.here.pod), { ok: true, says: "" });
        assert.deepEqual(nodes.podReady(nodes.here.pod, ""), { ok: true, says: "" });
        const second = nodes.podReady(nodes.here.pod, "data-plane,other");
        assert.equal(second.ok, false);
        assert.match(second.says, /^net2 \(other\) is missing: .*Multus.*; delete the pod\n$/);
        assert.equal(nodes.podReady(nodes.lan, "").ok, false);
        assert.match(
            nodes.podReady(nodes.lan, "").says,
            /TCP port 7000\n.*TCP port 7001\n.*UDP port 7000\n$/,
        );
    });
});
