import assert from "node:assert/strict";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { agentNode } from "../agentNode.ts";
import { until } from "../sandbox.ts";

describe("node agents of two generations", function () {
    this.timeout(120_000);
    const agent = agentNode();

    const aside = (generation = 1) =>
        until(
            () => `the older agent stands aside; it says: ${agent.node.status(generation)}`,
            () => agent.node.status(generation) === "a newer agent keeps this node",
        );

    for (const [older, newer] of [
        [1, 2],
        [9, 10],
    ] as const) {
        it(`stands aside (template ${older}, then ${newer}), and acts again when that one is gone`, async () => {
            agent.node.start(older);
            await agent.node.ready(older);
            const program = agent.node.start(newer);
            await agent.node.ready(newer);
            await aside(older);
            assert.equal(existsSync(agent.node.path(`networks/.multinet-agent.${older}`)), false);
            await program.kill();
            await agent.node.ready(older);
            agent.ip("route del 10.2.1.0/24 proto 200");
            await agent.healed("route 10.2.1.0/24 via 10.193.0.3");
        });
    }

    it("does not care which of the two was started first", async () => {
        agent.node.start(2);
        await agent.node.ready(2);
        agent.node.start(1);
        await aside();
    });

    it("begins anew with a DaemonSet that counts from 1 again", async () => {
        const program = agent.node.start(7);
        await agent.node.ready(7);
        await program.kill();
        await agent.started();
        assert.equal(existsSync(agent.node.path("networks/.multinet-agent.7")), false);
    });

    it("makes one stand aside that goes by the time of its release, and is not hindered by it", async () => {
        const file = agent.node.path("networks/.multinet-agent");
        for (const [before, after] of [
            ["1764095000\n", "1764095001\n"],
            ["4102444800\n", "4102444801\n"], // made while the clock was wrong
            ["0099\n", "100\n"],
            ["a[$(reboot)]\n", "a[$(reboot)]\n"],
            ["", ""],
        ] as const) {
            writeFileSync(file, before);
            const program = await agent.started();
            assert.equal(readFileSync(file, "utf8"), after);
            await program.kill();
        }
    });
});
