import assert from "node:assert/strict";
import { EXEMPTION, agentNode } from "../agentNode.ts";
import { unavailable, until } from "../sandbox.ts";

describe("node agent and masquerade", function () {
    this.timeout(120_000);
    const agent = agentNode();

    it("puts the exemption back, whatever was done to it", async function () {
        await agent.started();
        for (const damage of [
            "delete table ip multinet",
            "flush table ip multinet",
            "flush ruleset",
            "add table ip multinet { flags dormant; }",
            "insert rule ip multinet postrouting drop",
        ]) {
            agent.box.run(agent.node.space, ["nft", damage]);
            const isBack = () => agent.node.exemption().join() === EXEMPTION;
            await until(`a repair after "${damage}"`, isBack);
        }
        await agent.healed("exemption from masquerade");
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
                agent.nat(words, iptables);
            }
            await agent.started();
            await until("the chain is gone", () => !agent.nat("-S", iptables).includes("MULTINET"));
            assert.match(agent.nat("-S", iptables), /^-A POSTROUTING -o eth0 -j MASQUERADE$/m);
        });
    }

    it("makes no table of iptables", async function () {
        await agent.started();
        assert.equal(
            agent.box.run(agent.node.space, ["nft", "list", "tables"]).trim(),
            "table ip multinet",
        );
        assert.doesNotMatch(
            agent.box.run(agent.node.space, ["cat", "/proc/net/ip_tables_names"]),
            /nat/,
        );
    });
});
