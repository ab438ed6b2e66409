import assert from "node:assert/strict";
import type { AgentPlan } from "../../../plan/agentPlan.ts";
import { allCnis, edge1, edge2 } from "../allCnis.ts";

describe("a testbed with all CNIs", function () {
    const lab = allCnis();

    it("exempts from masquerade, and answers for, what nodes route: ptp and bridge", () => {
        const { exempt, unreachable, slices } = lab.values(
            "edge2-node-routes-release",
        ) as unknown as AgentPlan;
        assert.deepEqual(exempt, ["10.0.0.0/12", "10.32.0.0/12"]);
        assert.deepEqual(unreachable, { metric: 4096, cidrs: exempt });
        const [node] = edge2.nodes;
        assert.deepEqual(slices[node!.name], ["10.2.1.0/24", "10.34.1.0/24"]);
    });

    it("writes a CNI configuration for each type of network", () => {
        const { nodes } = lab.values("edge2-node-routes-release") as unknown as {
            nodes: Record<string, { attachments: { network: string; conflist: object }[] }>;
        };
        const conflist = (network: string) =>
            nodes[edge2.nodes[1]!.name]!.attachments.find((each) => each.network === network)!
                .conflist as { cniVersion: string; name: string; plugins: unknown[] };
        const dataDir = "/run/cni-ipam-state";
        const macvlan = { type: "macvlan", master: "eth0", mode: "bridge", mtu: 1500 };
        assert.equal(conflist("lan").cniVersion, "0.3.1");
        assert.equal(conflist("lan").name, "lan");
        assert.deepEqual(conflist("data-plane").plugins, [
            {
                type: "ptp",
                mtu: 1500,
                ipam: {
                    type: "host-local",
                    dataDir,
                    ranges: [[{ subnet: "10.2.2.0/24", rangeEnd: "10.2.2.253" }]],
                    routes: [{ dst: "10.0.0.0/12" }],
                },
            },
        ]);
        assert.deepEqual(conflist("local").plugins, [
            {
                type: "bridge",
                bridge: "br-local",
                isGateway: true,
                forceAddress: true,
                ipMasq: false,
                mtu: 1400,
                ipam: {
                    type: "host-local",
                    dataDir,
                    ranges: [[{ subnet: "10.34.2.0/24", rangeEnd: "10.34.2.253" }]],
                    routes: [{ dst: "10.32.0.0/12" }],
                },
            },
        ]);
        const range = {
            subnet: "10.16.0.0/16",
            rangeStart: "10.16.34.2",
            rangeEnd: "10.16.34.254",
        };
        assert.deepEqual(conflist("lan").plugins, [
            {
                ...macvlan,
                ipam: {
                    type: "host-local",
                    dataDir,
                    ranges: [[range]],
                    routes: [{ dst: "224.0.0.0/4", gw: "0.0.0.0" }],
                },
            },
        ]);
        assert.deepEqual(conflist("seats").plugins, [
            {
                ...macvlan,
                capabilities: { ips: true },
                ipam: { type: "static", routes: [{ dst: "224.0.0.0/4" }] },
            },
        ]);
        assert.deepEqual(conflist("overlay").plugins, [
            {
                type: "cilium-cni",
                "enable-debug": false,
                "log-file": "/var/run/cilium/cilium-cni.log",
            },
            { type: "netroutes", routes: [{ dst: "10.245.0.0/16", mtu: 1400 }] },
        ]);
    });

    it("asks for networks, addresses and groups pod by pod", () => {
        const demos = (cluster: string) =>
            (
                lab.values(`${cluster}-demo-release`) as unknown as {
                    demos: Record<string, string>[];
                }
            ).demos;
        const [first, second, plain] = demos("edge1");
        assert.equal(first!["networks"], "data-plane,lan,seats,local");
        assert.deepEqual(JSON.parse(first!["annotation"]!), [
            { name: "data-plane" },
            { name: "lan" },
            { name: "seats", ips: ["10.17.17.2/16"] },
            { name: "local" },
        ]);
        assert.match(first!["groups"]!, /^239\.[0-9.]+@net2,239\.[0-9.]+@net3$/);
        assert.equal(second!["groups"], "");
        assert.deepEqual(plain, {
            name: "plain1",
            node: edge1.nodes[0]!.name,
            networks: "",
            annotation: "",
            groups: "",
        });
        assert.equal(demos("edge3")[0]!["annotation"], "data-plane");
    });
});
