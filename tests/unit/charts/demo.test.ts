import assert from "node:assert/strict";
import { askIn, demoScript } from "./probe.ts";
import { Sandbox, skipUnless, until, type Program } from "./sandbox.ts";

const GROUPS = { net1: "239.1.2.3", net2: "239.4.5.6" };

interface Pod {
    space: string;
    net1: string;
    net2: string;
    groups: string;
    program: Program;
}

/**
 * Two nodes on one bridge, and on each of them two pods with two macvlan interfaces, as two networks of the nodes' own
 * link. A default route leads elsewhere, as the primary CNI's does.
 */
describe("demo pods on a shared link", function () {
    this.timeout(120_000);
    let box: Sandbox;
    let lan: string;
    let asker: Pod;
    let member: Pod;
    let stranger: Pod;
    let neighbour: Pod;

    before(async function () {
        skipUnless(this, "perl");
        box = new Sandbox();
        lan = box.space();
        box.ip(lan, "link add bridge0 type bridge");
        box.ip(lan, "link set bridge0 up");
        const [one, two] = [node(1), node(2)];
        const all = `${GROUPS.net1}@net1,${GROUPS.net2}@net2`;
        asker = pod(one, 1, all);
        neighbour = pod(one, 2, all);
        member = pod(two, 3, all);
        stranger = pod(two, 4, "");
        for (const one of [asker, neighbour, member, stranger]) {
            await until(
                () => `a ready pod; it says: ${ready(one).says}`,
                () => ready(one).ok,
            );
        }
    });

    after(async function () {
        await box?.close();
    });

    function node(index: number): string {
        const space = box.space();
        box.ip(lan, `link add port${index} type veth peer name eth0 netns ${space}`);
        box.ip(lan, `link set port${index} master bridge0 up`);
        box.ip(space, "link set eth0 up");
        return space;
    }

    function pod(on: string, index: number, groups: string): Pod {
        const space = box.space();
        const addresses = { net1: `10.9.0.${index}`, net2: `10.8.0.${index}` };
        box.ip(on, `link add veth${index} type veth peer name eth0 netns ${space}`);
        box.ip(on, `link set veth${index} up`);
        box.ip(space, "link set eth0 up");
        box.ip(space, `addr add 10.64.0.${index}/24 dev eth0`);
        box.ip(space, "route add default via 10.64.0.254");
        for (const [name, address] of Object.entries(addresses)) {
            const device = `${name}-${index}`;
            box.ip(on, `link add ${device} link eth0 type macvlan mode bridge`);
            box.ip(on, `link set ${device} netns ${space} name ${name}`);
            box.ip(space, `link set ${name} up`);
            box.ip(space, `addr add ${address}/16 dev ${name}`);
        }
        // The CNI gives this route to one network only.
        box.ip(space, "route add 224.0.0.0/4 dev net1");
        return { space, ...addresses, groups, program: responder(space, groups, `pod${index}`) };
    }

    function responder(space: string, groups: string, name = "pod"): Program {
        return box.start(space, ["perl", demoScript("responder.pl")], {
            env: { MULTICAST_GROUPS: groups, HOSTNAME: name },
        });
    }

    function ready(
        { space }: Pod,
        networks = "lan,wan",
        groups = "",
    ): { ok: boolean; says: string } {
        const env = { NETWORKS: networks, MULTICAST_GROUPS: groups };
        try {
            return { ok: true, says: box.run(space, ["bash", demoScript("ready.sh")], { env }) };
        } catch (error) {
            return { ok: false, says: String((error as { stdout?: string }).stdout) };
        }
    }

    const probe = ({ space }: Pod, ...questions: string[]) => askIn(box, space, ...questions);

    /** Asks for the datagrams that `to` gets of the group of a network. */
    function sent(from: Pod, to: Pod, network: "net1" | "net2", group = GROUPS[network]): string {
        return probe(from, `multicast ${group}/${to[network]}/${from[network]}`)[0] ?? "";
    }

    for (const network of ["net1", "net2"] as const) {
        it(`get what is sent to a group that they joined on ${network}, and nothing else`, function () {
            assert.equal(sent(asker, member, network), "ok 5/5");
            assert.equal(sent(asker, neighbour, network), "ok 5/5");
            assert.equal(sent(stranger, member, network), "ok 5/5");
            assert.equal(sent(asker, stranger, network), "ok 0/5");
            assert.equal(sent(neighbour, stranger, network), "ok 0/5");
        });
    }

    it("send to a group by the network that the question names, whatever their routes say", function () {
        const packets = (name: string) =>
            Number(box.run(asker.space, ["cat", `/sys/class/net/${name}/statistics/tx_packets`]));
        const before = packets("net1");
        const beside = packets("net2");
        assert.equal(sent(asker, member, "net2"), "ok 5/5");
        // Nothing but the odd report of a membership leaves by the other one.
        assert.ok(packets("net2") - beside >= 5);
        assert.ok(packets("net1") - before < 5);
    });

    it("say why nothing can be sent", function () {
        const [line] = probe(asker, `multicast ${GROUPS.net1}/${member.net1}/10.9.7.7`);
        assert.match(line ?? "", /^fail no interface has the address 10\.9\.7\.7$/);
    });

    it("count an answer that comes twice as one", async function () {
        const space = box.space();
        box.ip(space, "link set lo up");
        const source = `use IO::Socket::INET; use Socket ':all';
            my $udp = IO::Socket::INET->new(Proto => 'udp', LocalPort => 7000);
            setsockopt $udp, IPPROTO_IP, IP_ADD_MEMBERSHIP, pack_ip_mreq(inet_aton("239.9.9.9"), inet_aton("127.0.0.1"));
            for (my $i = 0; $udp->recv(my $text, 99); $i++) { $i % 2 or $udp->send("x") && $udp->send("x") }`;
        const echo = box.start(space, ["perl", "-e", source]);
        await until("the group", () =>
            box.run(space, ["cat", "/proc/net/igmp"]).includes("090909EF"),
        );
        assert.deepEqual(askIn(box, space, "multicast 239.9.9.9/127.0.0.1/127.0.0.1"), ["ok 3/5"]);
        await echo.kill();
    });

    it("are ready with their groups only", async function () {
        const all = `${GROUPS.net1}@net1,${GROUPS.net2}@net2`;
        assert.deepEqual(ready(member, "lan,wan", all), { ok: true, says: "" });
        assert.match(
            ready(member, "lan,wan", `${GROUPS.net1}@net2`).says,
            /^group 239\.1\.2\.3 is not joined on net2: look at the log of this pod\n$/,
        );
        assert.equal(ready(stranger, "lan,wan", `${GROUPS.net1}@net1`).ok, false);
        const space = box.space();
        const groups = `${GROUPS.net1}@net1,${GROUPS.net2}@lo`;
        const alone = { ...member, space, groups, program: responder(space, groups) };
        await until("one that answers", () => ready(alone, "").ok);
        assert.match(
            ready(alone, "lan", groups).says,
            /^net1 \(lan\) is missing.*\ngroup 239\.1\.2\.3 is not/,
        );
        await alone.program.kill();
    });

    it("take a lot from many at once", function () {
        const questions = Array.from({ length: 40 }, () => `bulk ${member.net1}`);
        assert.deepEqual(
            probe(asker, ...questions),
            questions.map(() => "ok 262144 bytes"),
        );
    });

    it("count what came, however little", function () {
        for (const text of ["", "x", "x".repeat(100_000)]) {
            const source = `use IO::Socket::INET; my $one = IO::Socket::INET->new(PeerAddr => "$ARGV[0]:7001") or die;
                print $one do { local $/; <STDIN> }; shutdown $one, 1; print <$one>`;
            const said = box.run(asker.space, ["perl", "-e", source, member.net1], { input: text });
            assert.equal(said, `${text.length}\n`);
        }
    });

    it("answer others while some are stuck or gone, and let go of them in the end", async function () {
        // Three hundred that never close, ten that break off with data on the way, and datagrams out of nothing.
        const source = `use IO::Socket::INET; use Socket ':all';
            my ($peer, @all) = shift;
            for (1 .. 10) {
                my $one = IO::Socket::INET->new(PeerAddr => "$peer:7001"); syswrite $one, "x" x 65536;
                setsockopt $one, SOL_SOCKET, SO_LINGER, pack("ii", 1, 0);
            }
            for (1 .. 300) { my $one = IO::Socket::INET->new(PeerAddr => "$peer:7001") or next; syswrite $one, "x"; push @all, $one }
            $| = 1; print "stuck\\n"; sleep 60`;
        const stuck = box.start(asker.space, ["perl", "-e", source, member.net1]);
        await until("callers that are stuck", () => stuck.output.includes("stuck"));
        const questions = ["tcp", "udp", "icmp"].map((kind) => `${kind} ${member.net1}`);
        for (const line of probe(asker, ...questions)) {
            assert.match(line, /^ok /);
        }
        const free = () => probe(asker, `bulk ${member.net1}`)[0]?.endsWith("ok 262144 bytes");
        await until("room for another sender", free, 20);
        assert.ok(!member.program.ended, member.program.output);
        await stuck.kill();
    });

    it("answer no answer and none that answers itself, so no two keep each other going", async function () {
        /** What comes back within half a second for a text, sent from a port. */
        const said = (port: number, text: string) => {
            const source = `use IO::Socket::INET; use IO::Select; my ($peer, $port, $text) = @ARGV;
                my $one = IO::Socket::INET->new(Proto => 'udp', LocalPort => $port, PeerAddr => "$peer:7000") or die $@;
                $one->send($text); IO::Select->new($one)->can_read(0.5) or exit; $one->recv(my $said, 99); print $said`;
            const space = asker.space;
            return box.run(space, ["perl", "-e", source, member.net1, String(port), text]);
        };
        assert.equal(said(6999, "1\n"), `1 ${asker.net1} pod3 1\n`);
        assert.equal(said(6999, "2\nmore"), `2 ${asker.net1} pod3 2\n`);
        for (const text of ["", "\n", "who am I\n", `1 ${asker.net1} pod3 1\n`, "x".repeat(1400)]) {
            assert.equal(said(6999, text), "", text);
        }
        assert.equal(said(7001, "1\n"), "");
        await asker.program.kill();
        try {
            assert.equal(said(7000, "1\n"), "");
        } finally {
            asker.program = responder(asker.space, asker.groups, "pod1");
            await until("a ready pod", () => ready(asker).ok);
        }
    });

    it("see on the link that something else has their address, and what", function () {
        assert.deepEqual(probe(asker, `unique ${asker.net1}`, `unique ${asker.net2}`), [
            "ok alone",
            "ok alone",
        ]);
        box.ip(stranger.space, `addr add ${asker.net1}/16 dev net1`);
        try {
            const [taken, alone] = probe(asker, `unique ${asker.net1}`, `unique ${asker.net2}`);
            // Linux answers for an address by each interface on the link.
            const links = box.run(stranger.space, ["sh", "-c", "cat /sys/class/net/net*/address"]);
            const [, link = ""] = /^fail taken (\S+)$/.exec(taken ?? "") ?? [];
            assert.ok(links.split("\n").includes(link), taken);
            assert.equal(alone, "ok alone");
        } finally {
            box.ip(stranger.space, `addr del ${asker.net1}/16 dev net1`);
        }
        assert.deepEqual(probe(asker, "unique 10.9.7.7"), [
            "fail no interface has the address 10.9.7.7",
        ]);
    });

    it("say who they are, so that another one with the same address is seen", async function () {
        const address = "10.9.0.77";
        box.ip(neighbour.space, `addr add ${address}/16 dev net1`);
        const ask = () => probe(member, `tcp ${address}`);
        assert.deepEqual(ask(), [`ok ${member.net1} pod2`]);
        box.ip(neighbour.space, `addr del ${address}/16 dev net1`);
        box.ip(stranger.space, `addr add ${address}/16 dev net1`);
        box.ip(member.space, "neigh flush dev net1");
        assert.deepEqual(ask(), [`ok ${member.net1} pod4`]);
    });
});
