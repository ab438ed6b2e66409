import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { ADDRESSES, EXPECTED_ROUTES, PLAN, agentNode } from "../agentNode.ts";
import { CHART_FILES } from "../node.ts";
import { until } from "../sandbox.ts";

describe("node agent's next hops", function () {
    this.timeout(120_000);
    const agent = agentNode();

    it("follows a node that got another address, and keeps the last one while a name does not resolve", async function () {
        const program = await agent.started();
        agent.node.hosts({ ...ADDRESSES, "edge2-worker": "10.193.0.7" });
        const moved = "10.2.2.0/24 via 10.193.0.7 dev eth0";
        await until("the new next hop", () => agent.node.routes().includes(moved));
        agent.node.hosts({ "edge2-control-plane": "10.193.0.5" });
        const other = "10.2.1.0/24 via 10.193.0.5 dev eth0";
        await until("the other new next hop", () => agent.node.routes().includes(other));
        assert.ok(agent.node.routes().includes(moved));
        // A new agent does not know the address, but the kernel does.
        await program.kill();
        agent.node.start();
        await agent.node.ready();
        assert.deepEqual(agent.node.routes().slice(0, 2), [other, moved]);
    });

    it("takes no address for a next hop that no node can have", async function () {
        agent.node.hosts({ ...ADDRESSES, "edge2-worker": "192.0.2.7" });
        const program = agent.node.start();
        const reason =
            "gives edge2-worker the address 192.0.2.7, which is not in the nodes' network";
        await until("the reason", () => program.output.includes(reason));
        agent.node.hosts(ADDRESSES);
        await agent.node.ready();
        assert.deepEqual(agent.node.routes(), EXPECTED_ROUTES);
        // One that was right is kept, too.
        agent.node.hosts({ ...ADDRESSES, "edge2-worker": "10.193.4.1" });
        await until("the other reason", () => program.output.includes("10.193.4.1, which is not"));
        assert.deepEqual(agent.node.routes(), EXPECTED_ROUTES);
    });

    it("asks for eight names at once however many there are, and for the next ones two seconds later", async function () {
        const names = Array.from({ length: 20 }, (_, i) => `edge${i + 2}-control-plane`);
        const known = names.map((name, i) => [name, `10.193.1.${i + 1}`] as const);
        const slices = names.map((name, i) => [name, [`10.${i + 2}.1.0/24`]]);
        const log = agent.node.path("names");
        const getent = `#!/bin/sh\necho "$2" >>${log}\nexec /usr/bin/getent "$@"\n`;
        writeFileSync(agent.node.path("bin/getent"), getent, { mode: 0o755 });
        agent.node.hosts(Object.fromEntries(known));
        agent.node.plan({
            ...PLAN,
            slices: Object.fromEntries(slices) as Record<string, string[]>,
        });
        await agent.started();
        const asked = () => readFileSync(log, "utf8").trim().split("\n");
        const first = asked();
        assert.ok(first.length >= names.length && first.length < names.length + 8);
        assert.deepEqual([...new Set(first)].sort(), names.map((name) => `${name}.`).sort());
        await until("the next ones", () => asked().length > first.length + 8);
        assert.ok(asked().length <= first.length + 16);
        // Wherever it stands, a name that has moved is asked for in its turn.
        agent.node.hosts(Object.fromEntries([...known, ["edge21-control-plane", "10.193.1.99"]]));
        const moved = "10.21.1.0/24 via 10.193.1.99 dev eth0";
        await until("the new next hop", () => agent.node.routes().includes(moved));
    });

    it("asks for the others while a name does not resolve", async function () {
        const getent =
            '#!/bin/sh\n[ "$2" != edge2-worker. ] || sleep 1000\nexec /usr/bin/getent "$@"\n';
        writeFileSync(agent.node.path("bin/getent"), getent, { mode: 0o755 });
        agent.node.hosts({});
        agent.node.start();
        await until("the reason", () => agent.node.status().includes("has no address yet"));
        agent.node.hosts(ADDRESSES);
        await until("the other route", () => agent.node.routes().includes(EXPECTED_ROUTES[0]!));
        writeFileSync(agent.node.path("bin/getent"), '#!/bin/sh\nexec /usr/bin/getent "$@"\n');
        await agent.node.ready();
    });

    it("loses no address of which it has read a part when its time is over", function () {
        // A line waits two seconds for its beginning, one that follows another 0.05 for all of it.
        const input = `printf 'address edge1 10.0.0.1\\naddress '; sleep 0.3; echo 'edge2 10.0.0.2'; sleep 3`;
        const script = `set -u; NETWORK_DIR= MULTUS_CONF=; declare -A address=(); source watch.sh
            exec {changes}< <(${input})
            wait_for_change; wait_for_change
            echo "\${address[edge1]-} \${address[edge2]-}"`;
        const said = agent.box.run(agent.node.space, [
            "bash",
            "-c",
            `cd "$1"; ${script}`,
            "bash",
            CHART_FILES,
        ]);
        assert.equal(said.trim(), "10.0.0.1 10.0.0.2");
    });

    it("heals while the resolver hangs", async function () {
        await agent.started();
        writeFileSync(agent.node.path("bin/getent"), "#!/bin/sh\nexec sleep 1000\n", {
            mode: 0o755,
        });
        agent.ip("route del 10.2.1.0/24");
        await agent.healed("route 10.2.1.0/24 via 10.193.0.3 (edge2-control-plane)");
        assert.equal(agent.node.status(), "ready");
    });

    it("is not ready while a next hop has never had an address", async function () {
        agent.node.hosts({ "edge2-control-plane": "10.193.0.3" });
        agent.node.start();
        await until("the reason", () =>
            agent.node
                .status()
                .includes("edge2-worker, next hop of 10.2.2.0/24, has no address yet"),
        );
        await until("the other route", () =>
            agent.node.routes().includes(EXPECTED_ROUTES[0] ?? ""),
        );
        agent.node.hosts(ADDRESSES);
        await agent.node.ready();
        assert.deepEqual(agent.node.routes(), EXPECTED_ROUTES);
    });
});
