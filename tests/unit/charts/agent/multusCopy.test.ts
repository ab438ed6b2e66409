import assert from "node:assert/strict";
import { readFileSync, statSync, writeFileSync } from "node:fs";
import { agentNode } from "../agentNode.ts";
import { until } from "../sandbox.ts";

describe("node agent and Multus' copy", function () {
    this.timeout(120_000);
    const agent = agentNode();

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
        const file = agent.node.path("cni/00-multus.conf");
        const copy = () => JSON.parse(readFileSync(file, "utf8")) as unknown;
        agent.node.cni("10-calico.conflist", primary(1450));
        agent.node.cni("00-multus.conf", multus(1450));
        const written = statSync(file).mtimeMs;
        await agent.started();
        assert.equal(statSync(file).mtimeMs, written);
        agent.node.cni("10-calico.conflist", primary(1440));
        await until("the new MTU", () => JSON.stringify(copy()).includes("1440"));
        assert.deepEqual(copy(), multus(1440));
        // Not damage, and so no Event; to change the copy is.
        await agent.node.rounds(2);
        assert.deepEqual(agent.node.events(), []);
        agent.node.cni("00-multus.conf", multus(1300));
        await until("the copy is back", () => JSON.stringify(copy()).includes("1440"));
        await until("an Event", () =>
            agent.node.events()[0]?.message.includes("copy of 10-calico.conflist"),
        );
        writeFileSync(agent.node.path("cni/10-calico.conflist"), '{"plugins":');
        await until("the reason", () => agent.node.status().includes("10-calico.conflist"));
        agent.node.cni("10-calico.conflist", { ...primary(1400), plugins: [{ type: "calico" }] });
        await agent.node.ready();
        const expected: Record<string, unknown> = {
            ...multus(1400),
            delegates: [{ ...primary(1400), plugins: [{ type: "calico" }] }],
        };
        delete expected["capabilities"];
        assert.deepEqual(copy(), expected);
    });
});
