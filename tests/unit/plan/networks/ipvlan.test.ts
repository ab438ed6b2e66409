import assert from "node:assert/strict";
import { kernelProblems, pluginProblems } from "../../../../plan/rules/hostRequirements.ts";
import { planned } from "./planned.ts";

const l2 = planned({ lan: { type: "ipvlan", cidr: "10.16.0.0/12" } });
const l3 = planned({ lan: { type: "ipvlan", cidr: "10.16.0.0/12", mode: "l3" } });

/** The CNI plugins of the network on the control plane of edge1. */
function pluginsOf(plan: typeof l2) {
    const [first] = Object.values(plan.clusters[0]!.agents.nodes);
    return (first!.attachments[0]!.conflist as { plugins: object[] }).plugins;
}

describe("an ipvlan network", () => {
    it("is one segment in mode l2, of which nodes give out their slices", () => {
        const range = {
            subnet: "10.16.0.0/12",
            rangeStart: "10.17.1.2",
            rangeEnd: "10.17.1.254",
        };
        const ipam = { type: "host-local", dataDir: "/run/cni-ipam-state", ranges: [[range]] };
        assert.deepEqual(pluginsOf(l2), [
            { type: "ipvlan", master: "eth0", mode: "l2", mtu: 1500, ipam },
        ]);
        assert.ok(l2.clusters.every(({ nodes }) => nodes.every(({ routes }) => !routes.length)));
        assert.equal(l2.reachability.unique.length, 4);
        assert.deepEqual(l2.reachability.free, []);
    });

    it("is routed in mode l3: without ARP, with a route for the whole, and a free address in each slice", () => {
        const range = { subnet: "10.17.1.0/24", rangeStart: "10.17.1.2", rangeEnd: "10.17.1.253" };
        assert.deepEqual(pluginsOf(l3), [
            {
                ...{ type: "ipvlan", master: "eth0", mode: "l3", mtu: 1500 },
                ipam: {
                    type: "host-local",
                    dataDir: "/run/cni-ipam-state",
                    ranges: [[range]],
                    routes: [{ dst: "10.16.0.0/12", gw: "0.0.0.0" }],
                },
            },
        ]);
        const [node] = l3.clusters[0]!.nodes;
        assert.deepEqual(node!.routes, [
            { dst: "10.18.1.0/24", via: "multinet-unit-edge2-control-plane", network: "lan" },
        ]);
        assert.deepEqual(node!.unreachable, ["10.17.1.0/24"]);
        assert.deepEqual(l3.reachability.unique, []);
        assert.equal(l3.reachability.free.length, 4);
    });

    it("reaches all clusters, without multicast", () => {
        for (const { reachability } of [l2, l3]) {
            assert.ok(reachability.pairs.some(({ from, to }) => from.cluster !== to.cluster));
            assert.deepEqual(reachability.multicast, []);
        }
    });

    it("is refused where the kernel or the node image lacks it", () => {
        const [problem] = kernelProblems(l3, () => false);
        assert.deepEqual(problem, {
            key: "networks.lan.type",
            value: '"ipvlan"',
            reason: "The kernel of this machine is built without it (CONFIG_IPVLAN).",
            fix: "Write type: macvlan, bridge or ptp, or take a machine whose kernel has it.",
        });
        assert.match(pluginProblems(l2, false)[0]!.reason, /CNI plugin "ipvlan"/);
    });
});
