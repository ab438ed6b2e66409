import assert from "node:assert/strict";
import { demoScript } from "../probe.ts";
import { unavailable, until } from "../sandbox.ts";
import { type Place, twoNodes } from "../twoNodes.ts";

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

describe("data plane of two nodes", function () {
    this.timeout(120_000);
    const nodes = twoNodes();

    it("carries ICMP, TCP and UDP both ways and keeps the source address", function () {
        const ways: [Place, Place][] = [
            [nodes.here, nodes.there],
            [nodes.there, nodes.here],
        ];
        for (const [from, to] of ways) {
            const questions = ["icmp", "tcp", "udp", "bulk"].map(
                (kind) => `${kind} ${to.address} 20`,
            );
            assert.deepEqual(nodes.probe(from.pod, ...questions, `large ${to.address} 3 1500`), [
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
            nodes.box.run(nodes.here.node.space, [iptables, "-w", "-t", "nat", ...words]);
        const nft = (...words: string[]) => nodes.box.run(nodes.here.node.space, ["nft", ...words]);

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
                const said = nodes.agents[0]!.output;
                const events = nodes.here.node.events().length;
                write();
                const before = nft("list ruleset");
                const questions = ["icmp", "tcp", "udp"].map(
                    (one) => `${one} ${nodes.there.address} 20`,
                );
                assert.deepEqual(nodes.probe(nodes.here.pod, ...questions), [
                    "ok ttl=62",
                    `ok ${nodes.here.address} pod`,
                    `ok ${nodes.here.address} pod`,
                ]);
                await nodes.here.node.rounds(3);
                assert.equal(nft("list ruleset"), before);
                assert.equal(nodes.agents[0]!.output, said);
                assert.equal(nodes.here.node.events().length, events);
            });
        }
    });

    it("ends connections that were masqueraded when it puts the exemption back, and no others", async function () {
        const flow = (port: number) => {
            const program = nodes.box.start(nodes.here.pod, [
                "perl",
                "-e",
                FLOW,
                nodes.there.address,
                `${port}`,
            ]);
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
        await good.seen(nodes.here.address);
        await nodes.agents[0]!.kill();
        nodes.box.run(nodes.here.node.space, ["nft", "delete table ip multinet"]);
        const bad = flow(7102);
        await bad.seen("10.2.1.1"); // masqueraded by both nodes: the other one is shown a source outside the network
        await good.seen(nodes.here.address);
        await good.program.kill(); // it must not make its entry again
        nodes.agents[0] = nodes.here.node.start();
        await bad.seen(nodes.here.address);
        const entries = nodes.box.run(nodes.here.node.space, ["conntrack", "-L", "-p", "udp"]);
        assert.match(entries, / sport=7101 /);
        assert.ok(!good.program.output.includes("10.2.1.1"));
        await until("the reason", () =>
            nodes.agents[0]!.output.includes(
                "connections of 10.1.1.7 as 10.193.0.11 in 10.0.0.0/10 ended",
            ),
        );
        await bad.program.kill();
    });

    it("masquerades as before whatever leaves the network", async function () {
        const outside = nodes.box.start(nodes.lan, ["perl", demoScript("responder.pl")], {
            env: { HOSTNAME: "outside" },
        });
        nodes.box.ip(nodes.here.pod, "route add default via 10.1.1.1");
        const line = await until("an answer from outside", () => {
            const [answer] = nodes.probe(nodes.here.pod, "tcp 10.193.0.1");
            return answer?.startsWith("ok") && answer;
        });
        assert.equal(line, "ok 10.193.0.11 outside");
        nodes.box.ip(nodes.here.pod, "route del default");
        await outside.kill();
    });
});
