import assert from "node:assert/strict";
import { NODE_TOOLS, TestNode, type NodePlan } from "./node.ts";
import { askIn, demoScript } from "./probe.ts";
import { Sandbox, skipUnless, unavailable, until, type Program } from "./sandbox.ts";

/** One UDP socket that asks the responder for its own address, again and again. */
const FLOW = `
    use Socket; $| = 1;
    my ($to, $port) = @ARGV;
    socket(my $socket, PF_INET, SOCK_DGRAM, 0) or die $!;
    bind($socket, pack_sockaddr_in($port, INADDR_ANY)) or die $!;
    while (1) {
        send($socket, "1\\n", 0, pack_sockaddr_in(7000, inet_aton($to)));
        my $ready = ""; vec($ready, fileno($socket), 1) = 1;
        if (select($ready, undef, undef, 0.2)) { recv($socket, my $answer, 200, 0); print +(split " ", $answer)[1], "\\n"; }
        select(undef, undef, undef, 0.1);
    }`;

interface Place {
    node: TestNode;
    pod: string;
    address: string;
}

/**
 * Two nodes on one bridge with one pod each, as ptp lays them out, and on both nodes a primary CNI that masquerades
 * every source; the agents and the demo scripts are the real ones.
 */
describe("data plane of two nodes", function () {
    this.timeout(120_000);
    let box: Sandbox;
    let lan: string;
    let here: Place;
    let there: Place;
    let agents: Program[];

    before(async function () {
        skipUnless(this, ...NODE_TOOLS, "perl");
        box = new Sandbox();
        lan = box.space();
        box.ip(lan, "link add bridge0 type bridge");
        box.ip(lan, "link set bridge0 up");
        box.ip(lan, "addr add 10.193.0.1/22 dev bridge0");
        here = place(1);
        there = place(2);
        agents = [here, there].map(({ node }) => node.start());
        for (const { pod } of [here, there]) {
            box.start(pod, ["perl", demoScript("responder.pl")], { env: { HOSTNAME: "pod" } });
        }
        await Promise.all([here.node.ready(), there.node.ready()]);
        for (const { pod } of [here, there]) {
            await until("a ready pod", () => podReady(pod).ok);
        }
    });

    after(async function () {
        await box?.close();
    });

    function place(index: number): Place {
        const space = box.space();
        const pod = box.space();
        const [gateway, address] = [`10.${index}.1.1`, `10.${index}.1.7`];
        box.ip(lan, `link add port${index} type veth peer name eth0 netns ${space}`);
        box.ip(lan, `link set port${index} master bridge0 up`);
        box.ip(space, "link set eth0 up");
        box.ip(space, `addr add 10.193.0.1${index}/22 dev eth0`);
        box.ip(space, "route add default via 10.193.0.1");

        box.ip(space, `link add vethnet1 type veth peer name net1 netns ${pod}`);
        box.ip(space, "link set vethnet1 up");
        box.ip(space, `addr add ${gateway}/32 dev vethnet1`);
        box.ip(space, `route add ${address}/32 dev vethnet1`);
        box.ip(pod, "link set net1 up");
        box.ip(pod, `addr add ${address}/24 dev net1 noprefixroute`);
        box.ip(pod, `route add ${gateway}/32 dev net1 src ${address}`);
        box.ip(pod, `route add 10.0.0.0/10 via ${gateway} src ${address}`);

        const node = new TestNode(box, space, `edge${index}-control-plane`);
        const masquerade = (...words: string[]) =>
            box.run(space, ["iptables-nft", "-w", "-t", "nat", ...words, "-j", "MASQUERADE"]);
        masquerade("-A", "POSTROUTING");
        node.hosts({ "edge1-control-plane": "10.193.0.11", "edge2-control-plane": "10.193.0.12" });
        const plan: NodePlan = {
            nodesNetwork: "10.193.0.0/22",
            exempt: ["10.0.0.0/10"],
            unreachable: { metric: 4096, cidrs: ["10.0.0.0/10"] },
            slices: {
                "edge1-control-plane": ["10.1.1.0/24"],
                "edge2-control-plane": ["10.2.1.0/24"],
            },
        };
        node.plan(plan);
        return { node, pod, address };
    }

    const probe = (pod: string, ...questions: string[]) => askIn(box, pod, ...questions);

    function podReady(
        pod: string,
        networks = "data-plane",
        groups = "",
    ): { ok: boolean; says: string } {
        try {
            return {
                ok: true,
                says: box.run(pod, ["bash", demoScript("ready.sh")], {
                    env: { NETWORKS: networks, MULTICAST_GROUPS: groups },
                }),
            };
        } catch (error) {
            return { ok: false, says: String((error as { stdout?: string }).stdout) };
        }
    }

    it("carries ICMP, TCP and UDP both ways and keeps the source address", function () {
        const ways: [Place, Place][] = [
            [here, there],
            [there, here],
        ];
        for (const [from, to] of ways) {
            const questions = ["icmp", "tcp", "udp", "bulk"].map(
                (kind) => `${kind} ${to.address} 20`,
            );
            assert.deepEqual(probe(from.pod, ...questions, `large ${to.address} 3 1500`), [
                "ok ttl=62",
                `ok ${from.address} pod`,
                `ok ${from.address} pod`,
                "ok 262144 bytes",
                `ok ${from.address} pod`,
            ]);
        }
    });

    describe("whatever others do to POSTROUTING", () => {
        const nat = (iptables: string, ...words: string[]) =>
            box.run(here.node.space, [iptables, "-w", "-t", "nat", ...words]);
        const nft = (...words: string[]) => box.run(here.node.space, ["nft", ...words]);

        /** As Felix writes its rules, in front of all others, and kube-proxy behind them. */
        const others: Record<string, () => void> = {
            "iptables-nft": () => likeCalico("iptables-nft"),
            "iptables-legacy": () => likeCalico("iptables-legacy"),
            nftables: () =>
                nft(
                    "table ip calico { chain nat-postrouting { type nat hook postrouting priority srcnat; masquerade; }; }",
                ),
        };
        function likeCalico(iptables: string) {
            nat(iptables, "-N", "cali-POSTROUTING");
            nat(iptables, "-A", "cali-POSTROUTING", "-o", "eth0", "-j", "MASQUERADE");
            nat(iptables, "-I", "POSTROUTING", "1", "-j", "cali-POSTROUTING");
        }

        afterEach(() => {
            for (const iptables of ["iptables-nft", "iptables-legacy"]) {
                if (unavailable(iptables) === undefined) {
                    nat(iptables, "-F");
                }
            }
            nft("add table ip calico; delete table ip calico");
            nat("iptables-nft", "-A", "POSTROUTING", "-j", "MASQUERADE");
        });

        for (const [kind, write] of Object.entries(others)) {
            it(`keeps the source address, writes nothing and records nothing (${kind})`, async function () {
                if (kind !== "nftables" && unavailable(kind) !== undefined) {
                    this.skip();
                }
                const said = agents[0]!.output;
                const events = here.node.events().length;
                write();
                const before = nft("list ruleset");
                const questions = ["icmp", "tcp", "udp"].map((one) => `${one} ${there.address} 20`);
                assert.deepEqual(probe(here.pod, ...questions), [
                    "ok ttl=62",
                    `ok ${here.address} pod`,
                    `ok ${here.address} pod`,
                ]);
                await here.node.rounds(3);
                assert.equal(nft("list ruleset"), before);
                assert.equal(agents[0]!.output, said);
                assert.equal(here.node.events().length, events);
            });
        }
    });

    it("ends connections that were masqueraded when it puts the exemption back, and no others", async function () {
        const flow = (port: number) => {
            const program = box.start(here.pod, ["perl", "-e", FLOW, there.address, `${port}`]);
            const last = () => program.output.trim().split("\n").at(-1);
            return {
                seen: (address: string) =>
                    until(
                        () => `${address}: ${last()}`,
                        () => last() === address,
                    ),
                program,
            };
        };
        const good = flow(7101);
        await good.seen(here.address);
        await agents[0]!.kill();
        box.run(here.node.space, ["nft", "delete table ip multinet"]);
        const bad = flow(7102);
        await bad.seen("10.2.1.1"); // masqueraded by both nodes: the other one is shown a source outside the network
        await good.seen(here.address);
        await good.program.kill(); // it must not make its entry again
        agents[0] = here.node.start();
        await bad.seen(here.address);
        const entries = box.run(here.node.space, ["conntrack", "-L", "-p", "udp"]);
        assert.match(entries, / sport=7101 /);
        assert.ok(!good.program.output.includes("10.2.1.1"));
        await until("the reason", () =>
            agents[0]!.output.includes(
                "connections of 10.1.1.7 as 10.193.0.11 in 10.0.0.0/10 ended",
            ),
        );
        await bad.program.kill();
    });

    it("masquerades as before whatever leaves the network", async function () {
        const outside = box.start(lan, ["perl", demoScript("responder.pl")], {
            env: { HOSTNAME: "outside" },
        });
        box.ip(here.pod, "route add default via 10.1.1.1");
        const line = await until("an answer from outside", () => {
            const [answer] = probe(here.pod, "tcp 10.193.0.1");
            return answer?.startsWith("ok") && answer;
        });
        assert.equal(line, "ok 10.193.0.11 outside");
        box.ip(here.pod, "route del default");
        await outside.kill();
    });

    it("answers for a free address that nobody is there: the node it would be on, not the default route", function () {
        assert.deepEqual(
            probe(here.pod, "unreachable 10.2.1.254", `unreachable ${there.address}`),
            ["ok 10.193.0.12", "fail reply"],
        );
        assert.deepEqual(probe(there.pod, "unreachable 10.2.1.9"), ["ok 10.2.1.1"]);
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
        assert.deepEqual(probe(here.pod, ...questions), [
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
        const lines = Array.from({ length: 8 }, () => probe(here.pod, "unreachable 10.2.1.254")[0]);
        assert.deepEqual(
            lines,
            lines.map(() => "ok 10.193.0.12"),
        );
    });

    it("gives up after seconds on an address that never answers, on all at once", function () {
        box.ip(there.node.space, "route add blackhole 10.2.1.200/32");
        const kinds = ["icmp 50", "tcp 10", "udp 50", "large 3", "bulk 1", "unreachable 1"];
        const questions = kinds.flatMap((kind) => {
            const question = kind.replace(" ", " 10.2.1.200 ");
            return [question, question];
        });
        const begin = performance.now();
        const lines = probe(here.pod, ...questions);
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
            (_, i) => `${kinds[i % 3]} ${there.address} 50`,
        );
        const lines = probe(here.pod, ...questions);
        const expected = [`ok ${here.address} pod`, `ok ${here.address} pod`, "ok ttl=62"];
        assert.deepEqual(
            lines,
            questions.map((_, i) => expected[i % 3]),
        );
    });

    describe("where packets get lost", function () {
        /** Runs with rules of a node's packet filter in place. */
        function filtered<T>(on: Place, rule: string, body: () => T): T {
            const iptables = (verb: string) =>
                box.run(on.node.space, ["iptables-nft", "-w", verb, "FORWARD", ...rule.split(" ")]);
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
            const [icmp, udp] = filtered(here, random(0.3), () =>
                probe(here.pod, `icmp ${there.address} 200`, `udp ${there.address} 200`),
            );
            for (const { lost, sent } of [lossOf(icmp), lossOf(udp)]) {
                assert.equal(sent, 200);
                assert.ok(lost > 50 && lost < 150, `${lost}`);
            }
        });

        it("sees one in a hundred among many", function () {
            const lines = filtered(there, random(0.01), () =>
                probe(here.pod, ...Array<string>(8).fill(`icmp ${there.address} 400`)),
            );
            assert.ok(lines.some((line) => line.startsWith("fail lost")));
        });

        it("tells the way there from the way back", function () {
            const lost = (rule: string) =>
                lossOf(
                    filtered(there, `${rule} ${random(0.3)}`, () =>
                        probe(here.pod, `udp ${there.address} 200`),
                    )[0],
                );
            const onTheWay = lost(`-d ${there.address}`);
            assert.equal(onTheWay.arrived, onTheWay.sent - onTheWay.lost);
            const back = lost(`-s ${there.address}`);
            assert.ok(back.sent - back.arrived <= 3, JSON.stringify(back));
        });

        it("finds the last node that is reached", function () {
            const trace = () => probe(here.pod, `trace ${there.address}`)[0];
            assert.equal(trace(), `ok 10.1.1.1,10.193.0.12,${there.address}`);
            assert.equal(filtered(here, "-j DROP", trace), "ok 10.1.1.1");
            assert.equal(
                filtered(there, `-d ${there.address} -j DROP`, trace),
                "ok 10.1.1.1,10.193.0.12",
            );
        });

        it("names who cannot carry a full packet, though small and cut ones pass", function () {
            const questions = [
                `icmp ${there.address}`,
                `udp ${there.address}`,
                `large ${there.address} 3`,
                `large ${there.address} 3 1500`,
                `large ${there.address} 3 1400`,
            ];
            box.ip(here.node.space, "link set eth0 mtu 1400");
            try {
                assert.deepEqual(probe(here.pod, ...questions), [
                    "ok ttl=62",
                    `ok ${here.address} pod`,
                    `ok ${here.address} pod`,
                    "fail mtu 1400 10.1.1.1",
                    `ok ${here.address} pod`,
                ]);
            } finally {
                box.ip(here.node.space, "link set eth0 mtu 1500");
                box.ip(here.pod, "route flush cache");
            }
            box.ip(here.pod, "link set net1 mtu 1300");
            assert.deepEqual(probe(here.pod, questions[3]!), ["fail mtu 1300"]);
            box.ip(here.pod, "link set net1 mtu 1500");
        });
    });

    it("is ready with all listeners and interfaces only, and says what is missing", async function () {
        assert.deepEqual(podReady(here.pod), { ok: true, says: "" });
        assert.deepEqual(podReady(here.pod, ""), { ok: true, says: "" });
        const second = podReady(here.pod, "data-plane,other");
        assert.equal(second.ok, false);
        assert.match(second.says, /^net2 \(other\) is missing: .*Multus.*; delete the pod\n$/);
        assert.equal(podReady(lan, "").ok, false);
        assert.match(podReady(lan, "").says, /TCP port 7000\n.*TCP port 7001\n.*UDP port 7000\n$/);
    });
});
