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
import { EXPECTED_ROUTES, NETWORK_FILE, PLAN, agentNode } from "../agentNode.ts";
import { until } from "../sandbox.ts";

describe("node agent's files", function () {
    this.timeout(120_000);
    const agent = agentNode();

    it("restores its CNI files, removes those of networks no longer planned and touches no other", async function () {
        writeFileSync(agent.node.path("networks/multinet-old.conflist"), "{}");
        writeFileSync(agent.node.path("networks/mine.conflist"), "{}");
        await agent.started();
        assert.deepEqual(agent.node.networkFiles().sort(), ["mine.conflist", NETWORK_FILE]);
        const file = agent.node.path("networks", NETWORK_FILE);
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
            () =>
                agent.node
                    .events()
                    .some((event) => event.message.includes("CNI file of data-plane")),
            60,
        );
    });

    it("keeps a plugin on the node where a network needs it, and leaves it there for the pods that have it", async function () {
        const file = agent.node.path("plugins/netroutes");
        const chained = {
            name: "cilium",
            plugins: [{ type: "cilium-cni" }, { type: "netroutes" }],
        };
        let program = await agent.started();
        assert.equal(existsSync(file), false);
        await program.kill();
        agent.node.plan({ ...PLAN, attachments: [{ network: "cilium", conflist: chained }] });
        program = await agent.started();
        const text = readFileSync(
            new URL("../../../../charts/node-agent/files/netroutes", import.meta.url),
            "utf8",
        );
        const isThere = () => existsSync(file) && readFileSync(file, "utf8") === text;
        assert.ok(isThere());
        assert.equal(statSync(file).mode & 0o777, 0o755);
        assert.deepEqual(agent.node.networkFiles(), ["multinet-cilium.conflist"]);
        assert.deepEqual(agent.node.events(), []);
        for (const damage of ["rm", "chmod -x", "cp /dev/null"]) {
            const words =
                damage === "cp /dev/null"
                    ? ["cp", "/dev/null", file]
                    : [...damage.split(" "), file];
            agent.box.run(agent.node.space, words);
            const whole = () => isThere() && (statSync(file).mode & 0o111) === 0o111;
            await until(`the plugin is back after ${damage}`, whole);
        }
        await program.kill();
        agent.node.plan(PLAN);
        await agent.started();
        assert.deepEqual(agent.node.networkFiles(), [NETWORK_FILE]);
        assert.ok(isThere());
    });

    describe("with a network whose CNI plugins the node image lacks", () => {
        const lan = {
            name: "lan",
            plugins: [{ type: "macvlan", ipam: { type: "static" } }, { type: "ptp" }],
        };
        const plugin = (name: string) => agent.node.path("plugins", name);
        const text = (name: string) =>
            existsSync(plugin(name)) ? readFileSync(plugin(name), "utf8") : "";
        const says = (...words: string[]) =>
            until(
                () => `the agent says ${words.join()}; it says: ${agent.node.status()}`,
                () => words.every((word) => agent.node.status().includes(word)),
            );
        const missing = (name: string) =>
            `CNI plugin ${name} is neither in ${agent.node.path("plugins")} nor in ${agent.node.path("source")} of the node`;

        beforeEach(() => {
            agent.node.plan({ ...PLAN, attachments: [{ network: "lan", conflist: lan }] });
        });

        it("takes them from the machine, and lets those be that are there", async function () {
            const program = await agent.started();
            for (const name of ["macvlan", "static"]) {
                assert.equal(text(name), `${name} of source`);
                assert.equal(statSync(plugin(name)).mode & 0o777, 0o755);
            }
            assert.equal(text("ptp"), "ptp of plugins");
            assert.deepEqual(readdirSync(agent.node.path("plugins")).sort(), [
                ...["host-local", "macvlan", "ptp", "static"],
            ]);
            assert.match(program.output, /^changed: .*CNI plugin macvlan; CNI plugin static/m);
            assert.deepEqual(agent.node.events(), []);
        });

        it("puts back one that was removed by hand, and records that", async function () {
            await agent.started();
            rmSync(plugin("macvlan"));
            await until("the plugin is back", () => text("macvlan") === "macvlan of source");
            await agent.healed("CNI plugin macvlan");
            chmodSync(plugin("static"), 0o644);
            const runs = () => (statSync(plugin("static")).mode & 0o111) === 0o111;
            await until("the other can be run again", runs);
        });

        it("is not ready while nobody has one, says so, and needs the machine's only then", async function () {
            rmSync(agent.node.path("source"), { recursive: true });
            agent.node.start();
            await says(missing("macvlan"), missing("static"));
            assert.ok(!agent.node.status().includes("ptp"));
            await until("the routes", () => agent.node.routes().join() === EXPECTED_ROUTES.join());
            for (const name of ["macvlan", "static"]) {
                writeFileSync(plugin(name), "", { mode: 0o755 });
            }
            await agent.node.ready();
        });

        it("copies none of them twice", async function () {
            const log = agent.node.path("copies");
            const copy = `#!/bin/sh\necho "$@" >>${log}\nexec /bin/cp "$@"\n`;
            writeFileSync(agent.node.path("bin/cp"), copy, { mode: 0o755 });
            await agent.started();
            const copies = readFileSync(log, "utf8");
            assert.equal(copies.trim().split("\n").length, 2);
            agent.ip("route del 10.2.1.0/24 proto 200"); // at least two more rounds
            await agent.healed("route 10.2.1.0/24");
            assert.equal(readFileSync(log, "utf8"), copies);
        });

        it("refuses a name that would lead elsewhere", async function () {
            const conflist = {
                name: "lan",
                plugins: [{ type: "macvlan", ipam: { type: "../x" } }],
            };
            agent.node.plan({ ...PLAN, attachments: [{ network: "lan", conflist }] });
            agent.node.start();
            await says('"../x" is not a name');
        });
    });

    it("removes the bridges of networks that are gone, and no others", async function () {
        const bridge = (device: string) => ({
            network: device,
            conflist: { name: device, plugins: [{ type: "bridge", bridge: device }] },
        });
        for (const device of ["br-lan", "br-old", "br-mine"]) {
            agent.ip(`link add ${device} type bridge`);
        }
        agent.node.plan({ ...PLAN, attachments: [bridge("br-lan"), bridge("br-old")] });
        const program = await agent.started();
        await program.kill();
        agent.node.plan({ ...PLAN, attachments: [bridge("br-lan")] });
        await agent.started();
        const devices = [...agent.ip("-o link show type bridge").matchAll(/ (br-[a-z]+):/g)];
        assert.deepEqual(devices.map(([, name]) => name).sort(), ["br-lan", "br-mine"]);
        assert.deepEqual(agent.node.events(), []);
    });
});
