import assert from "node:assert/strict";
import { kernelProblems, pluginProblems } from "../../../../plan/rules/hostRequirements.ts";
import { planned, problemsOf } from "./planned.ts";

const ONE = { type: "host-device", device: "eth1", ipam: { type: "static" } };
const network = (...plugins: object[]) => ({
    data: { type: "ptp" },
    own: { type: "nad", cidr: "172.16.0.0/16", plugins },
});

describe("a network of the user's own", () => {
    it("is the configuration as it was written, on every node", () => {
        const plan = planned(network(ONE, { type: "tuning", sysctl: {} }));
        const { nodes, exempt, slices } = plan.clusters[0]!.agents;
        for (const { attachments } of Object.values(nodes)) {
            const own = attachments.find(({ network }) => network === "own");
            assert.deepEqual(own?.conflist, {
                cniVersion: "0.3.1",
                name: "own",
                plugins: [ONE, { type: "tuning", sysctl: {} }],
            });
        }
        assert.deepEqual(exempt, ["10.0.0.0/10"]);
        assert.ok(Object.values(slices).every((all) => all.length === 1));
    });

    it("is joined by no demo pod, and the summary says so", () => {
        const { clusters, reachability } = planned(network(ONE));
        for (const { demos, networks } of clusters) {
            assert.ok(demos.every(({ attachments }) => attachments.length === 1));
            assert.deepEqual(
                networks.map((each) => `${each.network} ${each.interface}`),
                ["data net1", "own net2"],
            );
        }
        assert.ok(!JSON.stringify(reachability.pairs).includes('"own"'));
        assert.match(reachability.scope, /not measured: own on .*\(no demo pod\)/);
    });

    it("cannot be all there is to measure", () => {
        const { own } = network(ONE);
        const { reachability } = planned({ own });
        assert.deepEqual(
            [...new Set(reachability.pairs.map(({ network }) => network))],
            ["primary"],
        );
    });

    const REFUSED: [what: string, own: object, key: string, reason: RegExp][] = [
        ["no range", { plugins: [ONE] }, "networks.own.cidr", /"cidr" is missing/],
        ["no plugins", { cidr: "172.16.0.0/16" }, "networks.own.plugins", /must be a list/],
        [
            "an empty list",
            { cidr: "172.16.0.0/16", plugins: [] },
            "networks.own.plugins",
            /at least one/,
        ],
        [
            "no type",
            { cidr: "172.16.0.0/16", plugins: [{ device: "eth1" }] },
            "networks.own.plugins[0].type",
            /must be text/,
        ],
        [
            "a path for a type",
            { cidr: "172.16.0.0/16", plugins: [{ type: "../../bin/sh" }] },
            "networks.own.plugins[0].type",
            /not the name of a CNI plugin/,
        ],
        [
            "a subnet of others",
            {
                cidr: "172.16.0.0/16",
                plugins: [
                    {
                        type: "macvlan",
                        ipam: { type: "host-local", ranges: [[{ subnet: "10.0.0.0/24" }]] },
                    },
                ],
            },
            "networks.own.plugins[0].ipam.ranges[0][0].subnet",
            /outside the network's range/,
        ],
        [
            "an address of others",
            {
                cidr: "172.16.0.0/16",
                plugins: [{ ...ONE, ipam: { addresses: [{ address: "172.17.0.1/12" }] } }],
            },
            "networks.own.plugins[0].ipam.addresses[0].address",
            /outside the network's range/,
        ],
    ];
    for (const [what, own, key, reason] of REFUSED) {
        it(`is refused with ${what}`, () => {
            const [problem, ...more] = problemsOf({ own: { type: "nad", ...own } });
            assert.equal(problem?.key, key);
            assert.match(problem.reason, reason);
            assert.deepEqual(more, []);
        });
    }

    it("may have an address with the prefix length of a larger network", () => {
        const ipam = { type: "static", addresses: [{ address: "172.16.9.9/12" }] };
        assert.deepEqual(problemsOf(network({ ...ONE, ipam })), []);
    });

    it("asks for the plugins and the kernel that it needs", () => {
        const plan = planned(
            network({ type: "vlan", master: "eth0", ipam: { type: "host-local" } }),
        );
        assert.match(pluginProblems(plan, false)[0]!.reason, /The CNI plugin "vlan" is not/);
        const [problem] = kernelProblems(plan, () => false);
        assert.equal(problem?.key, "networks.own.plugins[0].type");
        assert.match(problem.reason, /CONFIG_VLAN_8021Q/);
    });
});
