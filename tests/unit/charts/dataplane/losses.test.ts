import assert from "node:assert/strict";
import { type Place, twoNodes } from "../twoNodes.ts";

describe("data plane of two nodes", function () {
    this.timeout(120_000);
    const nodes = twoNodes();

    describe("where packets get lost", function () {
        /** Runs with rules of a node's packet filter in place. */
        function filtered<T>(on: Place, rule: string, body: () => T): T {
            const iptables = (verb: string) =>
                nodes.box.run(on.node.space, [
                    "iptables-nft",
                    "-w",
                    verb,
                    "FORWARD",
                    ...rule.split(" "),
                ]);
            iptables("-I");
            try {
                return body();
            } finally {
                iptables("-D");
            }
        }
        const random = (part: number) => `-m statistic --mode random --probability ${part} -j DROP`;
        const lossOf = (line = "") => {
            const [, lost, sent, arrived] = /^fail lost (\d+) (\d+) ?(\d*)$/.exec(line) ?? [];
            assert.ok(lost && sent, line);
            return { lost: Number(lost), sent: Number(sent), arrived: Number(arrived) };
        };

        it("says how many of how many", function () {
            // Both ways: half of all come through, and hardly ever none of the first sixteen.
            const [icmp, udp] = filtered(nodes.here, random(0.3), () =>
                nodes.probe(
                    nodes.here.pod,
                    `icmp ${nodes.there.address} 200`,
                    `udp ${nodes.there.address} 200`,
                ),
            );
            for (const { lost, sent } of [lossOf(icmp), lossOf(udp)]) {
                assert.equal(sent, 200);
                assert.ok(lost > 50 && lost < 150, `${lost}`);
            }
        });

        it("sees one in a hundred among many", function () {
            const lines = filtered(nodes.there, random(0.01), () =>
                nodes.probe(
                    nodes.here.pod,
                    ...Array<string>(8).fill(`icmp ${nodes.there.address} 400`),
                ),
            );
            assert.ok(lines.some((line) => line.startsWith("fail lost")));
        });

        it("tells the way there from the way back", function () {
            const lost = (rule: string) =>
                lossOf(
                    filtered(nodes.there, `${rule} ${random(0.3)}`, () =>
                        nodes.probe(nodes.here.pod, `udp ${nodes.there.address} 200`),
                    )[0],
                );
            const onTheWay = lost(`-d ${nodes.there.address}`);
            assert.equal(onTheWay.arrived, onTheWay.sent - onTheWay.lost);
            const back = lost(`-s ${nodes.there.address}`);
            assert.ok(back.sent - back.arrived <= 3, JSON.stringify(back));
        });

        it("finds the last node that is reached", function () {
            const trace = () => nodes.probe(nodes.here.pod, `trace ${nodes.there.address}`)[0];
            assert.equal(trace(), `ok 10.1.1.1,10.193.0.12,${nodes.there.address}`);
            assert.equal(filtered(nodes.here, "-j DROP", trace), "ok 10.1.1.1");
            assert.equal(
                filtered(nodes.there, `-d ${nodes.there.address} -j DROP`, trace),
                "ok 10.1.1.1,10.193.0.12",
            );
        });

        it("names who cannot carry a full packet, though small and cut ones pass", function () {
            const questions = [
                `icmp ${nodes.there.address}`,
                `udp ${nodes.there.address}`,
                `large ${nodes.there.address} 3`,
                `large ${nodes.there.address} 3 1500`,
                `large ${nodes.there.address} 3 1400`,
            ];
            nodes.box.ip(nodes.here.node.space, "link set eth0 mtu 1400");
            try {
                assert.deepEqual(nodes.probe(nodes.here.pod, ...questions), [
                    "ok ttl=62",
                    `ok ${nodes.here.address} pod`,
                    `ok ${nodes.here.address} pod`,
                    "fail mtu 1400 10.1.1.1",
                    `ok ${nodes.here.address} pod`,
                ]);
            } finally {
                nodes.box.ip(nodes.here.node.space, "link set eth0 mtu 1500");
                nodes.box.ip(nodes.here.pod, "route flush cache");
            }
            nodes.box.ip(nodes.here.pod, "link set net1 mtu 1300");
            assert.deepEqual(nodes.probe(nodes.here.pod, questions[3]!), ["fail mtu 1300"]);
            nodes.box.ip(nodes.here.pod, "link set net1 mtu 1500");
        });
    });
});
