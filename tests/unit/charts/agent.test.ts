import assert from "node:assert/strict";
import {
    chmodSync,
    existsSync,
    readdirSync,
    readFileSync,
    rmSync,
    statSync,
    writeFileSync,
} from "node:fs";
import { CHART_FILES, NODE_TOOLS, TestNode, type NodePlan } from "./node.ts";
import { Sandbox, skipUnless, unavailable, until, type Program } from "./sandbox.ts";

const conflist = {
    cniVersion: "0.3.1",
    name: "data-plane",
    plugins: [{ type: "ptp", note: 'a "b" \\ c' }],
};

const plan: NodePlan = {
    nodesNetwork: "10.193.0.0/22",
    exempt: ["10.0.0.0/10"],
    unreachable: { metric: 4096, cidrs: ["10.0.0.0/10"] },
    slices: {
        "edge1-control-plane": ["10.1.1.0/24"],
        "edge2-control-plane": ["10.2.1.0/24"],
        "edge2-worker": ["10.2.2.0/24"],
    },
    attachments: [{ network: "data-plane", conflist }],
};
const addresses = { "edge2-control-plane": "10.193.0.3", "edge2-worker": "10.193.0.4" };
const EXPECTED_ROUTES = [
    "10.2.1.0/24 via 10.193.0.3 dev eth0",
    "10.2.2.0/24 via 10.193.0.4 dev eth0",
    "unreachable 10.0.0.0/10 metric 4096",
    "unreachable 10.1.1.0/24 metric 4096",
];
const EXEMPTION = "ip saddr 10.0.0.0/10 ip daddr 10.0.0.0/10 snat to ip saddr";
const NETWORK_FILE = "multinet-data-plane.conflist";

describe("node agent", function () {
    this.timeout(120_000);
    let box: Sandbox;
    let node: TestNode;

    before(function () {
        skipUnless(this, ...NODE_TOOLS);
    });

    beforeEach(function () {
        box = new Sandbox();
        const space = box.space();
        node = new TestNode(box, space, "edge1-control-plane");
        box.ip(space, "link add eth0 type veth peer name wire");
        for (const link of ["eth0", "wire"]) {
            box.ip(space, `link set ${link} up`);
        }
        box.ip(space, "addr add 10.193.0.2/22 dev eth0");
        node.hosts(addresses);
        node.plan(plan);
    });

    afterEach(async function () {
        await box.close();
    });

    const ip = (words: string) => box.ip(node.space, words);
    const nat = (words: string, iptables = "iptables-nft") =>
        box.run(node.space, [iptables, "-w", "-t", "nat", ...words.split(" ")]);

    async function started(): Promise<Program> {
        const program = node.start();
        await node.ready();
        return program;
    }

    /** The routes are back, the agent has noticed, and one Event says so. */
    async function healed(what: string): Promise<void> {
        await until("the routes are back", () => node.routes().join() === EXPECTED_ROUTES.join());
        const events = await until("an Event", () => node.events().length > 0 && node.events(), 60);
        const messages = events.map((event) => event.message).join("\n");
        assert.ok(messages.includes(what), `${what} is not in: ${messages}`);
    }

    describe("with a newer agent on the node", () => {
        const aside = (generation = 1) =>
            until(
                () => `the older agent stands aside; it says: ${node.status(generation)}`,
                () => node.status(generation) === "a newer agent keeps this node",
            );

        for (const [older, newer] of [
            [1, 2],
            [9, 10],
        ] as const) {
            it(`stands aside (template ${older}, then ${newer}), and acts again when that one is gone`, async () => {
                node.start(older);
                await node.ready(older);
                const program = node.start(newer);
                await node.ready(newer);
                await aside(older);
                assert.equal(existsSync(node.path(`networks/.multinet-agent.${older}`)), false);
                await program.kill();
                await node.ready(older);
                ip("route del 10.2.1.0/24 proto 200");
                await healed("route 10.2.1.0/24 via 10.193.0.3");
            });
        }

        it("does not care which of the two was started first", async () => {
            node.start(2);
            await node.ready(2);
            node.start(1);
            await aside();
        });

        it("begins anew with a DaemonSet that counts from 1 again", async () => {
            const program = node.start(7);
            await node.ready(7);
            await program.kill();
            await started();
            assert.equal(existsSync(node.path("networks/.multinet-agent.7")), false);
        });

        it("makes one stand aside that goes by the time of its release, and is not hindered by it", async () => {
            const file = node.path("networks/.multinet-agent");
            for (const [before, after] of [
                ["1764095000\n", "1764095001\n"],
                ["4102444800\n", "4102444801\n"], // made while the clock was wrong
                ["0099\n", "100\n"],
                ["a[$(reboot)]\n", "a[$(reboot)]\n"],
                ["", ""],
            ] as const) {
                writeFileSync(file, before);
                const program = await started();
                assert.equal(readFileSync(file, "utf8"), after);
                await program.kill();
            }
        });
    });

    it("brings a bare node to the plan, and records nothing for that", async function () {
        box.run(node.space, ["sysctl", "-q", "-w", "net.ipv4.ip_forward=0"]);
        await started();
        assert.deepEqual(node.routes(), EXPECTED_ROUTES);
        assert.deepEqual(node.exemption(), [EXEMPTION]);
        assert.equal(box.run(node.space, ["cat", "/proc/sys/net/ipv4/ip_forward"]), "1\n");
        assert.deepEqual(node.networkFiles(), [NETWORK_FILE]);
        assert.deepEqual(
            JSON.parse(readFileSync(node.path("networks", NETWORK_FILE), "utf8")),
            conflist,
        );
        assert.deepEqual(node.events(), []);
    });

    it("takes a plan whose empty lists were left out", async () => {
        node.plan({ nodesNetwork: plan.nodesNetwork, unreachable: { metric: 4096 } });
        node.start();
        await node.ready();
        assert.deepEqual(node.routes(), []);
    });

    it("is not ready before Multus is, and says so", async function () {
        node.multus(false);
        node.start();
        const says = () => node.status().includes("Multus has not written 00-multus.conf");
        await until("the reason", says);
        await until("the routes nevertheless", () => node.routes().length === 4);
        node.multus(true);
        await node.ready();
        node.multus(false);
        await until("the reason again", says);
    });

    it("puts a deleted route back and records an Event about the node", async function () {
        await started();
        ip("route del 10.2.1.0/24");
        await healed("route 10.2.1.0/24 via 10.193.0.3 (edge2-control-plane)");
        const [event] = node.events();
        assert.equal(event?.reason, "RoutesHealed");
        assert.deepEqual(event.metadata.namespace, "default");
        assert.match(event.metadata.name, /^edge1-control-plane\.[0-9]+$/);
        assert.equal(event.involvedObject.kind, "Node");
        assert.equal(event.involvedObject.name, "edge1-control-plane");
        await node.ready();
    });

    it("puts a wrong next hop right, removes foreign routes under its mark and leaves all others alone", async function () {
        await started();
        ip("route add 10.99.0.0/24 via 10.193.0.9");
        ip("route add 10.98.0.0/24 via 10.193.0.9 proto 200");
        ip("route append 10.2.2.0/24 via 10.193.0.8 proto 200");
        ip("route replace 10.2.1.0/24 via 10.193.0.9");
        await healed("10.98.0.0/24 via 10.193.0.9");
        await until(
            "what is wrong is gone",
            () => !/10\.98\.|10\.193\.0\.8|10\.2\.1\.0.*10\.193\.0\.9/.test(ip("route show")),
        );
        assert.match(ip("route show"), /10\.99\.0\.0\/24 via 10\.193\.0\.9/);
        ip("route replace blackhole 10.2.2.0/24 proto 200");
        await until("the blackhole is gone", () => node.routes().join() === EXPECTED_ROUTES.join());
    });

    it("puts the exemption back, whatever was done to it", async function () {
        const program = await started();
        const times = () => program.output.match(/^changed: .*exemption/gm)?.length ?? 0;
        for (const damage of [
            "delete table ip multinet",
            "flush table ip multinet",
            "flush ruleset",
            "add table ip multinet { flags dormant; }",
            "insert rule ip multinet postrouting drop",
        ]) {
            const before = times();
            box.run(node.space, ["nft", damage]);
            await until(`a repair after "${damage}"`, () => times() > before);
            assert.deepEqual(node.exemption(), [EXEMPTION], damage);
        }
        await healed("exemption from masquerade");
    });

    for (const iptables of ["iptables-nft", "iptables-legacy"]) {
        it(`removes the chain of an earlier agent, and leaves the rules of others where they are (${iptables})`, async function () {
            if (unavailable(iptables) !== undefined) {
                this.skip();
            }
            for (const words of [
                "-N MULTINET-EXEMPT",
                "-A MULTINET-EXEMPT -s 10.0.0.0/10 -d 10.0.0.0/10 -j ACCEPT",
                "-A POSTROUTING -j MULTINET-EXEMPT",
                "-A POSTROUTING -o eth0 -j MASQUERADE",
            ]) {
                nat(words, iptables);
            }
            await started();
            await until("the chain is gone", () => !nat("-S", iptables).includes("MULTINET"));
            assert.match(nat("-S", iptables), /^-A POSTROUTING -o eth0 -j MASQUERADE$/m);
        });
    }

    it("makes no table of iptables", async function () {
        await started();
        assert.equal(box.run(node.space, ["nft", "list", "tables"]).trim(), "table ip multinet");
        assert.doesNotMatch(box.run(node.space, ["cat", "/proc/net/ip_tables_names"]), /nat/);
    });

    it("follows a node that got another address, and keeps the last one while a name does not resolve", async function () {
        const program = await started();
        node.hosts({ ...addresses, "edge2-worker": "10.193.0.7" });
        const moved = "10.2.2.0/24 via 10.193.0.7 dev eth0";
        await until("the new next hop", () => node.routes().includes(moved));
        node.hosts({ "edge2-control-plane": "10.193.0.5" });
        const other = "10.2.1.0/24 via 10.193.0.5 dev eth0";
        await until("the other new next hop", () => node.routes().includes(other));
        assert.ok(node.routes().includes(moved));
        // A new agent does not know the address, but the kernel does.
        await program.kill();
        node.start();
        await node.ready();
        assert.deepEqual(node.routes().slice(0, 2), [other, moved]);
    });

    it("takes no address for a next hop that no node can have", async function () {
        node.hosts({ ...addresses, "edge2-worker": "192.0.2.7" });
        const program = node.start();
        const reason =
            "gives edge2-worker the address 192.0.2.7, which is not in the nodes' network";
        await until("the reason", () => program.output.includes(reason));
        node.hosts(addresses);
        await node.ready();
        assert.deepEqual(node.routes(), EXPECTED_ROUTES);
        // One that was right is kept, too.
        node.hosts({ ...addresses, "edge2-worker": "10.193.4.1" });
        await until("the other reason", () => program.output.includes("10.193.4.1, which is not"));
        assert.deepEqual(node.routes(), EXPECTED_ROUTES);
    });

    it("asks for eight names at once however many there are, and for the next ones two seconds later", async function () {
        const names = Array.from({ length: 20 }, (_, i) => `edge${i + 2}-control-plane`);
        const known = names.map((name, i) => [name, `10.193.1.${i + 1}`] as const);
        const slices = names.map((name, i) => [name, [`10.${i + 2}.1.0/24`]]);
        const log = node.path("names");
        const getent = `#!/bin/sh\necho "$2" >>${log}\nexec /usr/bin/getent "$@"\n`;
        writeFileSync(node.path("bin/getent"), getent, { mode: 0o755 });
        node.hosts(Object.fromEntries(known));
        node.plan({ ...plan, slices: Object.fromEntries(slices) as Record<string, string[]> });
        await started();
        const asked = () => readFileSync(log, "utf8").trim().split("\n");
        const first = asked();
        assert.ok(first.length >= names.length && first.length < names.length + 8);
        assert.deepEqual([...new Set(first)].sort(), names.map((name) => `${name}.`).sort());
        await until("the next ones", () => asked().length > first.length + 8);
        assert.ok(asked().length <= first.length + 16);
        // Wherever it stands, a name that has moved is asked for in its turn.
        node.hosts(Object.fromEntries([...known, ["edge21-control-plane", "10.193.1.99"]]));
        const moved = "10.21.1.0/24 via 10.193.1.99 dev eth0";
        await until("the new next hop", () => node.routes().includes(moved));
    });

    it("asks for the others while a name does not resolve", async function () {
        const getent =
            '#!/bin/sh\n[ "$2" != edge2-worker. ] || sleep 1000\nexec /usr/bin/getent "$@"\n';
        writeFileSync(node.path("bin/getent"), getent, { mode: 0o755 });
        node.hosts({});
        node.start();
        await until("the reason", () => node.status().includes("has no address yet"));
        node.hosts(addresses);
        await until("the other route", () => node.routes().includes(EXPECTED_ROUTES[0]!));
        writeFileSync(node.path("bin/getent"), '#!/bin/sh\nexec /usr/bin/getent "$@"\n');
        await node.ready();
    });

    it("loses no address of which it has read a part when its time is over", function () {
        // A line waits two seconds for its beginning, one that follows another 0.05 for all of it.
        const input = `printf 'address edge1 10.0.0.1\\naddress '; sleep 0.3; echo 'edge2 10.0.0.2'; sleep 3`;
        const script = `set -u; NETWORK_DIR= MULTUS_CONF=; declare -A address=(); source watch.sh
            exec {changes}< <(${input})
            wait_for_change; wait_for_change
            echo "\${address[edge1]-} \${address[edge2]-}"`;
        const said = box.run(node.space, ["bash", "-c", `cd "$1"; ${script}`, "bash", CHART_FILES]);
        assert.equal(said.trim(), "10.0.0.1 10.0.0.2");
    });

    it("heals while the resolver hangs", async function () {
        await started();
        writeFileSync(node.path("bin/getent"), "#!/bin/sh\nexec sleep 1000\n", { mode: 0o755 });
        ip("route del 10.2.1.0/24");
        await healed("route 10.2.1.0/24 via 10.193.0.3 (edge2-control-plane)");
        assert.equal(node.status(), "ready");
    });

    it("is not ready while a next hop has never had an address", async function () {
        node.hosts({ "edge2-control-plane": "10.193.0.3" });
        node.start();
        await until("the reason", () =>
            node.status().includes("edge2-worker, next hop of 10.2.2.0/24, has no address yet"),
        );
        await until("the other route", () => node.routes().includes(EXPECTED_ROUTES[0] ?? ""));
        node.hosts(addresses);
        await node.ready();
        assert.deepEqual(node.routes(), EXPECTED_ROUTES);
    });

    it("restores its CNI files, removes those of networks no longer planned and touches no other", async function () {
        writeFileSync(node.path("networks/multinet-old.conflist"), "{}");
        writeFileSync(node.path("networks/mine.conflist"), "{}");
        await started();
        assert.deepEqual(node.networkFiles().sort(), ["mine.conflist", NETWORK_FILE]);
        const file = node.path("networks", NETWORK_FILE);
        const text = readFileSync(file, "utf8");
        writeFileSync(file, "{}");
        await until("the text is back", () => readFileSync(file, "utf8") === text);
        rmSync(file);
        await until(
            "the file is back",
            () => existsSync(file) && readFileSync(file, "utf8") === text,
        );
        await until(
            "an Event",
            () => node.events().some((event) => event.message.includes("CNI file of data-plane")),
            60,
        );
    });

    it("keeps a plugin on the node where a network needs it, and leaves it there for the pods that have it", async function () {
        const file = node.path("plugins/netroutes");
        const chained = {
            name: "cilium",
            plugins: [{ type: "cilium-cni" }, { type: "netroutes" }],
        };
        let program = await started();
        assert.equal(existsSync(file), false);
        await program.kill();
        node.plan({ ...plan, attachments: [{ network: "cilium", conflist: chained }] });
        program = await started();
        const text = readFileSync(
            new URL("../../../charts/node-agent/files/netroutes", import.meta.url),
            "utf8",
        );
        const isThere = () => existsSync(file) && readFileSync(file, "utf8") === text;
        assert.ok(isThere());
        assert.equal(statSync(file).mode & 0o777, 0o755);
        assert.deepEqual(node.networkFiles(), ["multinet-cilium.conflist"]);
        assert.deepEqual(node.events(), []);
        for (const damage of ["rm", "chmod -x", "cp /dev/null"]) {
            const words =
                damage === "cp /dev/null"
                    ? ["cp", "/dev/null", file]
                    : [...damage.split(" "), file];
            box.run(node.space, words);
            const whole = () => isThere() && (statSync(file).mode & 0o111) === 0o111;
            await until(`the plugin is back after ${damage}`, whole);
        }
        await program.kill();
        node.plan(plan);
        await started();
        assert.deepEqual(node.networkFiles(), [NETWORK_FILE]);
        assert.ok(isThere());
    });

    describe("with a network whose CNI plugins the node image lacks", () => {
        const lan = {
            name: "lan",
            plugins: [{ type: "macvlan", ipam: { type: "static" } }, { type: "ptp" }],
        };
        const plugin = (name: string) => node.path("plugins", name);
        const text = (name: string) =>
            existsSync(plugin(name)) ? readFileSync(plugin(name), "utf8") : "";
        const says = (...words: string[]) =>
            until(
                () => `the agent says ${words.join()}; it says: ${node.status()}`,
                () => words.every((word) => node.status().includes(word)),
            );
        const missing = (name: string) =>
            `CNI plugin ${name} is neither in ${node.path("plugins")} nor in ${node.path("source")} of the node`;

        beforeEach(() => {
            node.plan({ ...plan, attachments: [{ network: "lan", conflist: lan }] });
        });

        it("takes them from the machine, and lets those be that are there", async function () {
            const program = await started();
            for (const name of ["macvlan", "static"]) {
                assert.equal(text(name), `${name} of source`);
                assert.equal(statSync(plugin(name)).mode & 0o777, 0o755);
            }
            assert.equal(text("ptp"), "ptp of plugins");
            assert.deepEqual(readdirSync(node.path("plugins")).sort(), [
                ...["host-local", "macvlan", "ptp", "static"],
            ]);
            assert.match(program.output, /^changed: .*CNI plugin macvlan; CNI plugin static/m);
            assert.deepEqual(node.events(), []);
        });

        it("puts back one that was removed by hand, and records that", async function () {
            await started();
            rmSync(plugin("macvlan"));
            await until("the plugin is back", () => text("macvlan") === "macvlan of source");
            await healed("CNI plugin macvlan");
            chmodSync(plugin("static"), 0o644);
            const runs = () => (statSync(plugin("static")).mode & 0o111) === 0o111;
            await until("the other can be run again", runs);
        });

        it("is not ready while nobody has one, says so, and needs the machine's only then", async function () {
            rmSync(node.path("source"), { recursive: true });
            node.start();
            await says(missing("macvlan"), missing("static"));
            assert.ok(!node.status().includes("ptp"));
            await until("the routes", () => node.routes().join() === EXPECTED_ROUTES.join());
            for (const name of ["macvlan", "static"]) {
                writeFileSync(plugin(name), "", { mode: 0o755 });
            }
            await node.ready();
        });

        it("copies none of them twice", async function () {
            const log = node.path("copies");
            const copy = `#!/bin/sh\necho "$@" >>${log}\nexec /bin/cp "$@"\n`;
            writeFileSync(node.path("bin/cp"), copy, { mode: 0o755 });
            await started();
            const copies = readFileSync(log, "utf8");
            assert.equal(copies.trim().split("\n").length, 2);
            ip("route del 10.2.1.0/24 proto 200"); // at least two more rounds
            await healed("route 10.2.1.0/24");
            assert.equal(readFileSync(log, "utf8"), copies);
        });

        it("refuses a name that would lead elsewhere", async function () {
            const conflist = {
                name: "lan",
                plugins: [{ type: "macvlan", ipam: { type: "../x" } }],
            };
            node.plan({ ...plan, attachments: [{ network: "lan", conflist }] });
            node.start();
            await says('"../x" is not a name');
        });
    });

    it("gives Multus a fresh copy when the primary network's configuration changes", async function () {
        const primary = (mtu: number) => ({
            cniVersion: "0.3.1",
            name: "k8s-pod-network",
            plugins: [
                { type: "calico", mtu },
                { type: "portmap", capabilities: { portMappings: true } },
            ],
        });
        const multus = (mtu: number) => ({
            cniVersion: "0.3.1",
            name: "multus-cni-network",
            type: "multus",
            capabilities: { portMappings: true },
            kubeconfig: "/etc/cni/net.d/multus.d/multus.kubeconfig",
            delegates: [primary(mtu)],
        });
        const file = node.path("cni/00-multus.conf");
        const copy = () => JSON.parse(readFileSync(file, "utf8")) as unknown;
        node.cni("10-calico.conflist", primary(1450));
        node.cni("00-multus.conf", multus(1450));
        const written = statSync(file).mtimeMs;
        await started();
        assert.equal(statSync(file).mtimeMs, written);
        node.cni("10-calico.conflist", primary(1440));
        await until("the new MTU", () => JSON.stringify(copy()).includes("1440"));
        assert.deepEqual(copy(), multus(1440));
        // Not damage, and so no Event; to change the copy is.
        await node.rounds(2);
        assert.deepEqual(node.events(), []);
        node.cni("00-multus.conf", multus(1300));
        await until("the copy is back", () => JSON.stringify(copy()).includes("1440"));
        await until("an Event", () =>
            node.events()[0]?.message.includes("copy of 10-calico.conflist"),
        );
        writeFileSync(node.path("cni/10-calico.conflist"), '{"plugins":');
        await until("the reason", () => node.status().includes("10-calico.conflist"));
        node.cni("10-calico.conflist", { ...primary(1400), plugins: [{ type: "calico" }] });
        await node.ready();
        const expected: Record<string, unknown> = {
            ...multus(1400),
            delegates: [{ ...primary(1400), plugins: [{ type: "calico" }] }],
        };
        delete expected["capabilities"];
        assert.deepEqual(copy(), expected);
    });

    it("removes the bridges of networks that are gone, and no others", async function () {
        const bridge = (device: string) => ({
            network: device,
            conflist: { name: device, plugins: [{ type: "bridge", bridge: device }] },
        });
        for (const device of ["br-lan", "br-old", "br-mine"]) {
            ip(`link add ${device} type bridge`);
        }
        node.plan({ ...plan, attachments: [bridge("br-lan"), bridge("br-old")] });
        const program = await started();
        await program.kill();
        node.plan({ ...plan, attachments: [bridge("br-lan")] });
        await started();
        const devices = [...ip("-o link show type bridge").matchAll(/ (br-[a-z]+):/g)];
        assert.deepEqual(devices.map(([, name]) => name).sort(), ["br-lan", "br-mine"]);
        assert.deepEqual(node.events(), []);
    });

    it("tells a repair after a restart of the node from a changed plan", async function () {
        let program = await started();
        await program.kill();
        ip("route flush proto 200");
        box.run(node.space, ["nft", "delete table ip multinet"]);
        program = await started();
        await healed("route 10.2.1.0/24 via 10.193.0.3");
        const before = node.events().length;
        await program.kill();
        const slices = { ...plan.slices };
        delete slices["edge2-worker"];
        node.plan({ ...plan, slices });
        await started();
        assert.deepEqual(node.routes(), EXPECTED_ROUTES.toSpliced(1, 1));
        assert.equal(node.events().length, before);
    });

    it("says what is wrong with a plan, waits, and goes on with the next one", async function () {
        node.plan({
            ...plan,
            slices: { x: ["10.2.1.0/24; reboot"] },
        });
        const program = node.start();
        await until("the reason", () => /reboot.* is not an IPv4 prefix/.test(node.status()));
        rmSync(node.path("plan.json"));
        await until("another reason", () => /plan.json/.test(node.status()));
        assert.equal(program.ended, false);
        node.plan(plan);
        await node.ready();
    });

    describe("probes", () => {
        const probe = (script: string, ...words: string[]) => node.probe(script, words);

        it("are content with an agent that looks, and say why they are not", async function () {
            assert.equal(probe("ready.sh"), "the agent has not looked yet");
            node.hosts({});
            node.start();
            await until("the reason", () => probe("ready.sh").includes("has no address yet"));
            assert.equal(probe("alive.sh", "20"), "");
            node.hosts(addresses);
            await node.ready();
            assert.equal(probe("ready.sh"), "");
        });

        it("notice one that hangs, and that it goes on", async function () {
            const program = await started();
            program.signal("SIGSTOP");
            await until("a probe that fails", () => probe("alive.sh", "3") !== "");
            assert.equal(
                probe("alive.sh", "3"),
                "the agent has finished no round for more than 3 seconds",
            );
            assert.equal(node.status(), "ready");
            program.signal("SIGCONT");
            await until("a probe that succeeds", () => probe("alive.sh", "3") === "");
        });

        it("do not take an old or a broken beat for a new one", async function () {
            const program = await started();
            await program.kill();
            const uptime = Math.floor(Number(readFileSync("/proc/uptime", "utf8").split(" ")[0]));
            const beat = (text: string) => writeFileSync(node.path("run1/status.beat"), text);
            beat(`${`${uptime - 5}`.padStart(12, "0")}\n`);
            assert.equal(probe("ready.sh"), "");
            for (const text of [`${`${uptime - 25}`.padStart(12, "0")}\n`, "", "a[$(reboot)]\n"]) {
                beat(text);
                assert.match(probe("ready.sh"), /finished no round/, text);
            }
        });
    });

    it("says what the kernel refuses", async function () {
        node.hosts({ ...addresses, "edge2-worker": "10.193.3.255" }); // broadcast
        const program = node.start();
        await until("the reason", () => node.status().includes("invalid gateway"));
        assert.equal(program.ended, false);
    });

    it("ends at once when told to, and leaves the node as it is", async function () {
        const program = await started();
        program.signal("SIGTERM");
        await until("the agent has ended", () => program.ended, 5);
        assert.equal(program.exitCode, 0);
        assert.deepEqual(node.routes(), EXPECTED_ROUTES);
        assert.deepEqual(node.exemption(), [EXEMPTION]);
    });
});
