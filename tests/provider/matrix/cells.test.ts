import assert from "node:assert/strict";
import { counts, digest, summarize } from "../../../provider/matrix/cells.ts";
import { prepare, questions } from "../../../provider/matrix/questions.ts";
import type { Question } from "../../../provider/matrix/questions.ts";
import { contains } from "../../../provider/matrix/slice.ts";
import { inWords } from "../../../provider/matrix/words.ts";
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
} from "../matrixScene.ts";
import type { Answer } from "../matrixScene.ts";

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
