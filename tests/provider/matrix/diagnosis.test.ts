import assert from "node:assert/strict";
import type { Obstacle } from "../../../provider/matrix/answers.ts";
import { unasked } from "../../../provider/matrix/cells.ts";
import { diagnose } from "../../../provider/matrix/diagnosis.ts";
import { prepare } from "../../../provider/matrix/questions.ts";
import type { Question } from "../../../provider/matrix/questions.ts";
import type { Result } from "../../../provider/matrix/round.ts";
import type { Scene } from "../../../provider/matrix/scene.ts";
import type { Hops } from "../../../provider/matrix/trace.ts";
import {
    ADDRESS,
    backTcp,
    free,
    icmp,
    NETWORK,
    NODE,
    NODE_ADDRESS,
    ok,
    POD,
    resultOf,
    scene,
    tcp,
    TIMEOUT,
    udp,
} from "../matrixScene.ts";
import type { Answer } from "../matrixScene.ts";

function explained(
    result: Result,
    {
        others = [result],
        around = scene(),
        hops = new Map(),
    }: { others?: Result[]; around?: Scene; hops?: Hops } = {},
): string {
    return diagnose(result, { results: others, scene: around, hops });
}

const unaskedOf = (question: Question, seen: Obstacle): Result => ({
    question,
    cell: unasked(question, seen, scene()),
    seen,
});

describe("the likely hop", () => {
    it("names pair, direction, expectation and the node that masquerades", () => {
        assert.equal(
            explained(resultOf(tcp, ok(NODE_ADDRESS.A, POD.B))),
            `edge1/demo1 -> edge2/demo1 tcp on data-plane: expected ${ADDRESS.A}, seen ${NODE_ADDRESS.A}; ` +
                `the source was rewritten (masqueraded) on node ${NODE.A}`,
        );
        assert.match(
            explained(resultOf(tcp, ok("10.2.1.1", POD.B))),
            /masqueraded\) on node lab-edge2-/,
        );
    });

    it("names the pod that answers echoes only", () => {
        const silent = resultOf(tcp, TIMEOUT);
        assert.match(
            explained(silent, { others: [resultOf(icmp, ok("ttl=62")), silent] }),
            /seen timeout; echoes work: pod demo1-y on node lab-edge2-\S+ hangs/,
        );
    });

    it("names the pod whose address another one has", () => {
        assert.match(
            explained(resultOf(tcp, ok(ADDRESS.A, "impostor"))),
            /answered by pod impostor; another pod has the address of pod demo1-y on node lab-edge2-/,
        );
    });

    it("names the pod that is not alone with its address, and the other one's link address", () => {
        const question: Question = { ...icmp, to: icmp.from, protocol: "unique" };
        const red = resultOf(question, { kind: "taken", mac: "02:42:0a:00:00:07" });
        assert.equal(
            explained(red),
            `edge1/demo1 -> edge1/demo1 unique on data-plane: expected alone, seen also at 02:42:0a:00:00:07; ` +
                `another pod or host on data-plane has the address of pod ${POD.A} on node ${NODE.A}, with the link address 02:42:0a:00:00:07`,
        );
        assert.ok(resultOf(question, ok("alone")).cell.ok);
    });

    it("tells one dead direction from two", () => {
        const red = resultOf(tcp, TIMEOUT);
        const back = (answer: Answer) => resultOf(backTcp, answer);
        assert.match(
            explained(red, { others: [red, back(TIMEOUT)] }),
            /routes of nodes lab-edge1-control-plane and lab-edge2-control-plane$/,
        );
        assert.match(
            explained(red, { others: [red, back(ok(ADDRESS.B, POD.A))] }),
            /look at node lab-edge1-control-plane's route to node lab-edge2-control-plane$/,
        );
    });

    it("names the node that packets get to and no further", () => {
        const red = resultOf(tcp, TIMEOUT);
        const text = (...hops: string[]) =>
            explained(red, { hops: new Map([["edge1/demo1 edge2/demo1 data-plane", hops]]) });
        assert.match(
            text("10.1.1.1"),
            /packets get to node lab-edge1-control-plane and no further/,
        );
        assert.match(
            text("", NODE_ADDRESS.B),
            /packets get to node lab-edge2-control-plane and no further/,
        );
        assert.match(
            text("192.0.2.9"),
            /look at node lab-edge1|nor does the way back|way back works/,
        );
    });

    it("names the one node at which all begins or ends that is lost", () => {
        const around = scene();
        for (const [key, node, address] of [
            ["edge1/demo2", NODE.A, "10.1.1.3"],
            ["edge2/demo2", NODE.B, "10.2.1.3"],
        ] as const) {
            const cluster = key.split("/")[0]!;
            around.pods.set(key, { name: key, cluster, node, addresses: { [NETWORK]: address } });
        }
        const pair = (from: string, to: string, answer: Answer) =>
            resultOf({ ...icmp, from, to }, answer, around);
        const lost: Answer = { kind: "lost", lost: 20, sent: 50 };
        const others = [
            pair("edge1/demo1", "edge1/demo2", lost),
            pair("edge1/demo1", "edge2/demo1", lost),
            pair("edge2/demo1", "edge1/demo1", TIMEOUT),
            pair("edge2/demo1", "edge2/demo2", ok("ttl=63")),
        ];
        assert.match(
            explained(others[1]!, { others, around }),
            /begins or ends on node lab-edge1-control-plane: look at its routes/,
        );
        assert.doesNotMatch(
            explained(others[1]!, { others: others.slice(1, 3), around }),
            /begins or ends/,
        );
    });

    it("knows a pod that is older than Multus, and what to do", () => {
        assert.match(
            explained(
                unaskedOf(icmp, { kind: "no address", pod: "edge2/demo1", network: NETWORK }),
            ),
            /made before Multus was ready; delete pod demo1-y/,
        );
    });

    it("knows why a free address is not unreachable", () => {
        assert.match(explained(resultOf(free, { kind: "reply" })), /something has this address$/);
        assert.match(explained(resultOf(free, TIMEOUT)), /has no "unreachable" route/);
        assert.match(explained(resultOf(free, ok("10.200.0.1"))), /did not get to node lab-edge2/);
    });

    it("knows a pod whose address is of another slice, and one that its own CNI gave none", () => {
        const around = scene();
        around.pods.get("edge1/demo1")!.addresses[NETWORK] = "10.7.1.2";
        const prepared = prepare(icmp, around);
        assert.ok("obstacle" in prepared);
        assert.match(
            explained(unaskedOf(icmp, prepared.obstacle), { around }),
            /made when node lab-edge1-control-plane gave out other addresses; delete pod demo1-x/,
        );
        const primary = { ...icmp, network: "primary" };
        assert.match(
            explained(
                unaskedOf(primary, { kind: "no address", pod: "edge2/demo1", network: "primary" }),
            ),
            /the cluster's own CNI on node lab-edge2-control-plane$/,
        );
    });

    it("names the MTU when only big packets are lost, and the node that has the smaller one", () => {
        const small = resultOf({ ...icmp, protocol: "udp" }, ok(ADDRESS.A, POD.B));
        const large = (answer: Answer) => resultOf({ ...icmp, protocol: "large" }, answer);
        const others = [small, large(TIMEOUT)];
        assert.match(
            explained(large(TIMEOUT), { others }),
            /udp works, so big packets are lost: look at the MTU of data-plane, in the route of pod demo1-x and on nodes lab-edge1.* and lab-edge2/,
        );
        assert.match(
            explained(large({ kind: "mtu", mtu: 1400, from: NODE_ADDRESS.B }), { others }),
            /seen at most 1400 bytes.*demo1-x and on node lab-edge2-control-plane$/,
        );
        const bulk = resultOf({ ...icmp, protocol: "bulk" }, TIMEOUT);
        const talk = resultOf(tcp, ok(ADDRESS.A, POD.B));
        assert.match(
            explained(bulk, { others: [talk, bulk] }),
            /tcp works, so big packets are lost/,
        );
        const red = resultOf(tcp, TIMEOUT);
        assert.doesNotMatch(explained(bulk, { others: [red, bulk] }), /big packets/);
        const short = resultOf({ ...icmp, protocol: "bulk" }, ok("262143 bytes"));
        assert.doesNotMatch(explained(short, { others: [red, short] }), /masqueraded/);
    });

    describe("in an overlay", () => {
        const around = scene();
        around.networks.set(NETWORK, {
            name: NETWORK,
            protocols: ["icmp", "large", "tcp", "bulk", "udp"],
            slices: { [NODE.A]: "10.1.1.0/24", [NODE.B]: "10.2.1.0/24" },
            overlay: true,
        });

        it("asks for the pool's route when nothing passes, then for the agents", () => {
            const others = [icmp, tcp, udp].map((question) => resultOf(question, TIMEOUT));
            const text = explained(others[0]!, { others, around });
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
            const red = resultOf(udp, TIMEOUT);
            assert.match(
                explained(red, { others: [resultOf(icmp, ok("ttl=63")), red], around }),
                /timeout; look at the Cilium agents of nodes/,
            );
        });

        it("sees a question that left by another interface", () => {
            // The node's own address in the pool: what leaves by eth0 gets that as its source.
            const red = resultOf(tcp, ok("10.1.1.200", POD.B), around);
            assert.match(
                explained(red, { around }),
                /the question left by another interface: is the/,
            );
        });
    });

    it("looks for what carries a pod's own address at the cluster's CNI", () => {
        const around = scene();
        for (const [key, pod] of around.pods) {
            pod.addresses["primary"] = key === "edge1/demo1" ? "10.64.0.6" : "10.64.0.7";
        }
        const red = resultOf({ ...tcp, network: "primary" }, TIMEOUT, around);
        assert.match(
            explained(red, { around }),
            /the cluster's own CNI on nodes lab-edge1.* and lab-edge2/,
        );
    });

    it("tells a group that does not get through from a network that does not", () => {
        const question = (member: boolean): Question => ({
            ...icmp,
            protocol: "multicast",
            multicast: { group: "239.1.2.3", member },
        });
        const group = (member: boolean, answer: Answer) => resultOf(question(member), answer);
        const unicast = (answer: Answer) => resultOf(udp, answer);
        const lost = group(true, ok("0/5"));
        assert.match(
            explained(lost, { others: [lost, unicast(ok(ADDRESS.A, POD.B))] }),
            /expected 5\/5, seen 0\/5; unicast works: has pod demo1-y joined group 239\.1\.2\.3/,
        );
        assert.match(explained(lost, { others: [lost, unicast(TIMEOUT)] }), /nor does unicast/);
        assert.match(
            explained(group(false, ok("5/5"))),
            /something in pod demo1-y has joined group 239\.1\.2\.3$/,
        );
        assert.match(
            explained(group(true, { kind: "no-route" })),
            /pod demo1-x cannot send to group 239\.1\.2\.3: look at its interface of data-plane$/,
        );
    });

    it("says that the probe did not run", () => {
        const red = resultOf(icmp, { kind: "probe", reason: "the API answers 500" });
        assert.match(explained(red), /could not be run in pod demo1-x: is its node lab-edge1/);
    });

    it("asks for a pod that is not there", () => {
        const around = scene();
        around.pods.delete("edge1/demo1");
        assert.match(
            explained(unaskedOf(icmp, { kind: "no pod", pod: "edge1/demo1" }), { around }),
            /Deployment of edge1\/demo1 there/,
        );
    });

    it("sees that nothing listens", () => {
        const red = resultOf(tcp, { kind: "refused" });
        assert.match(explained(red), /nothing listens in pod demo1-y on node lab-edge2-/);
    });
});
