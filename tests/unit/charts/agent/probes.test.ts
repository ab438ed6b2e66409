import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { ADDRESSES, agentNode } from "../agentNode.ts";
import { until } from "../sandbox.ts";

describe("node agent's probes", function () {
    this.timeout(120_000);
    const agent = agentNode();

    const probe = (script: string, ...words: string[]) => agent.node.probe(script, words);

    it("are content with an agent that looks, and say why they are not", async function () {
        assert.equal(probe("ready.sh"), "the agent has not looked yet");
        agent.node.hosts({});
        agent.node.start();
        await until("the reason", () => probe("ready.sh").includes("has no address yet"));
        assert.equal(probe("alive.sh", "20"), "");
        agent.node.hosts(ADDRESSES);
        await agent.node.ready();
        assert.equal(probe("ready.sh"), "");
    });

    it("notice one that hangs, and that it goes on", async function () {
        const program = await agent.started();
        program.signal("SIGSTOP");
        await until("a probe that fails", () => probe("alive.sh", "3") !== "");
        assert.equal(
            probe("alive.sh", "3"),
            "the agent has finished no round for more than 3 seconds",
        );
        assert.equal(agent.node.status(), "ready");
        program.signal("SIGCONT");
        await until("a probe that succeeds", () => probe("alive.sh", "3") === "");
    });

    it("do not take an old or a broken beat for a new one", async function () {
        const program = await agent.started();
        await program.kill();
        const uptime = Math.floor(Number(readFileSync("/proc/uptime", "utf8").split(" ")[0]));
        const beat = (text: string) => writeFileSync(agent.node.path("run1/status.beat"), text);
        beat(`${`${uptime - 5}`.padStart(12, "0")}\n`);
        assert.equal(probe("ready.sh"), "");
        for (const text of [`${`${uptime - 25}`.padStart(12, "0")}\n`, "", "a[$(reboot)]\n"]) {
            beat(text);
            assert.match(probe("ready.sh"), /finished no round/, text);
        }
    });
});
