import assert from "node:assert/strict";
import { readFileSync, rmSync } from "node:fs";
import {
    ADDRESSES,
    CONFLIST,
    EXEMPTION,
    EXPECTED_ROUTES,
    NETWORK_FILE,
    PLAN,
    agentNode,
} from "../agentNode.ts";
import { until } from "../sandbox.ts";

describe("node agent", function () {
    this.timeout(120_000);
    const agent = agentNode();

    it("brings a bare node to the plan, and records nothing for that", async function () {
        agent.box.run(agent.node.space, ["sysctl", "-q", "-w", "net.ipv4.ip_forward=0"]);
        await agent.started();
        assert.deepEqual(agent.node.routes(), EXPECTED_ROUTES);
        assert.deepEqual(agent.node.exemption(), [EXEMPTION]);
        assert.equal(
            agent.box.run(agent.node.space, ["cat", "/proc/sys/net/ipv4/ip_forward"]),
            "1\n",
        );
        assert.deepEqual(agent.node.networkFiles(), [NETWORK_FILE]);
        assert.deepEqual(
            JSON.parse(readFileSync(agent.node.path("networks", NETWORK_FILE), "utf8")),
            CONFLIST,
        );
        assert.deepEqual(agent.node.events(), []);
    });

    it("takes a plan whose empty lists were left out", async () => {
        agent.node.plan({ nodesNetwork: PLAN.nodesNetwork, unreachable: { metric: 4096 } });
        agent.node.start();
        await agent.node.ready();
        assert.deepEqual(agent.node.routes(), []);
    });

    it("is not ready before Multus is, and says so", async function () {
        agent.node.multus(false);
        agent.node.start();
        const says = () => agent.node.status().includes("Multus has not written 00-multus.conf");
        await until("the reason", says);
        await until("the routes nevertheless", () => agent.node.routes().length === 4);
        agent.node.multus(true);
        await agent.node.ready();
        agent.node.multus(false);
        await until("the reason again", says);
    });

    it("puts a deleted route back and records an Event about the node", async function () {
        await agent.started();
        agent.ip("route del 10.2.1.0/24");
        await agent.healed("route 10.2.1.0/24 via 10.193.0.3 (edge2-control-plane)");
        const [event] = agent.node.events();
        assert.equal(event?.reason, "RoutesHealed");
        assert.deepEqual(event.metadata.namespace, "default");
        assert.match(event.metadata.name, /^edge1-control-plane\.[0-9]+$/);
        assert.equal(event.involvedObject.kind, "Node");
        assert.equal(event.involvedObject.name, "edge1-control-plane");
        await agent.node.ready();
    });

    it("puts a wrong next hop right, removes foreign routes under its mark and leaves all others alone", async function () {
        await agent.started();
        agent.ip("route add 10.99.0.0/24 via 10.193.0.9");
        agent.ip("route add 10.98.0.0/24 via 10.193.0.9 proto 200");
        agent.ip("route append 10.2.2.0/24 via 10.193.0.8 proto 200");
        agent.ip("route replace 10.2.1.0/24 via 10.193.0.9");
        await agent.healed("10.98.0.0/24 via 10.193.0.9");
        await until(
            "what is wrong is gone",
            () => !/10\.98\.|10\.193\.0\.8|10\.2\.1\.0.*10\.193\.0\.9/.test(agent.ip("route show")),
        );
        assert.match(agent.ip("route show"), /10\.99\.0\.0\/24 via 10\.193\.0\.9/);
        agent.ip("route replace blackhole 10.2.2.0/24 proto 200");
        await until(
            "the blackhole is gone",
            () => agent.node.routes().join() === EXPECTED_ROUTES.join(),
        );
    });

    it("tells a repair after a restart of the node from a changed plan", async function () {
        let program = await agent.started();
        await program.kill();
        agent.ip("route flush proto 200");
        agent.box.run(agent.node.space, ["nft", "delete table ip multinet"]);
        program = await agent.started();
        await agent.healed("route 10.2.1.0/24 via 10.193.0.3");
        const before = agent.node.events().length;
        await program.kill();
        const slices = { ...PLAN.slices };
        delete slices["edge2-worker"];
        agent.node.plan({ ...PLAN, slices });
        await agent.started();
        assert.deepEqual(agent.node.routes(), EXPECTED_ROUTES.toSpliced(1, 1));
        assert.equal(agent.node.events().length, before);
    });

    it("says what is wrong with a plan, waits, and goes on with the next one", async function () {
        agent.node.plan({
            ...PLAN,
            slices: { x: ["10.2.1.0/24; reboot"] },
        });
        const program = agent.node.start();
        await until("the reason", () => /reboot.* is not an IPv4 prefix/.test(agent.node.status()));
        rmSync(agent.node.path("plan.json"));
        await until("another reason", () => /plan.json/.test(agent.node.status()));
        assert.equal(program.ended, false);
        agent.node.plan(PLAN);
        await agent.node.ready();
    });

    it("says what the kernel refuses", async function () {
        agent.node.hosts({ ...ADDRESSES, "edge2-worker": "10.193.3.255" }); // broadcast
        const program = agent.node.start();
        await until("the reason", () => agent.node.status().includes("invalid gateway"));
        assert.equal(program.ended, false);
    });

    it("ends at once when told to, and leaves the node as it is", async function () {
        const program = await agent.started();
        program.signal("SIGTERM");
        await until("the agent has ended", () => program.ended, 5);
        assert.equal(program.exitCode, 0);
        assert.deepEqual(agent.node.routes(), EXPECTED_ROUTES);
        assert.deepEqual(agent.node.exemption(), [EXEMPTION]);
    });
});
