import assert from "node:assert/strict";
import type { RawConfig } from "../../../plan/config/parsedConfig.ts";
import type { Topology } from "../../../plan/config/topology.ts";
import { validateConfig } from "../../../plan/config/validate.ts";
import { formatPath } from "../../../plan/problem.ts";
import {
    hostConflictProblems,
    hostConflicts,
    hostWarning,
} from "../../../plan/rules/hostConflicts.ts";

const OWNER = { project: "multinet", stack: "dev" };

function topologyOf(config: RawConfig): Topology {
    const result = validateConfig(config, OWNER);
    assert.ok("topology" in result);
    return result.topology;
}

const CONFIG = { clusters: { edge1: {}, edge2: {} }, bridge: { subnet: "10.200.0.0/22" } };
const topology = topologyOf(CONFIG);

/** Ranges in use, all by the same device. */
const used = (...cidrs: string[]) => cidrs.map((cidr) => ({ cidr, what: "tun0" }));

const keysOf = (...cidrs: string[]) =>
    hostConflicts(topology, used(...cidrs)).map(({ path }) => formatPath(path));

/** What is suggested, by key. */
const suggested = (topology: Topology, ...cidrs: string[]) =>
    Object.fromEntries(
        hostConflicts(topology, used(...cidrs)).map(({ path, free }) => [formatPath(path), free]),
    );

describe("conflicts with the host", () => {
    it("are none with ranges elsewhere, the default route, IPv6 and noise", () => {
        assert.deepEqual(
            keysOf("192.168.1.0/24", "172.17.0.0/16", "0.0.0.0/0", "fc00::/64", "", "x/8"),
            [],
        );
    });

    const CASES: [cidr: string, key: string, value: string, reason: RegExp][] = [
        ["10.200.1.0/24", "bridge.subnet", '"10.200.0.0/22"', /docker network of the stack/],
        ["10.1.0.0/16", "networks.data-plane.cidr", '"10.0.0.0/10"', /network "data-plane"/],
        ["10.66.4.0/24", "addresses.pods", '"10.64.0.0/10"', /pod subnets of the clusters/],
        ["10.129.0.9/32", "addresses.services", '"10.128.0.0/10"', /service subnets/],
    ];
    for (const [cidr, expected, value, reason] of CASES) {
        it(`${cidr} in use is a problem of ${expected}`, () => {
            const conflicts = hostConflicts(topology, [{ cidr, what: 'docker network "foo"' }]);
            const problems = hostConflictProblems(conflicts, CONFIG);
            assert.deepEqual(
                problems.map((problem) => [problem.key, problem.value]),
                [[expected, value]],
            );
            assert.match(problems[0]!.reason, reason);
            assert.ok(problems[0]!.reason.includes(`${cidr} (docker network "foo")`));
            const command = `pulumi config set --path ${expected} ${conflicts[0]!.free}`;
            assert.ok(problems[0]!.fix.includes(command), problems[0]!.fix);
        });
    }

    it("are none of stated pools with blocks that no cluster has", () => {
        const stated = topologyOf({ ...CONFIG, addresses: { pods: "10.64.0.0/11" } });
        assert.deepEqual(keysOf("10.70.0.0/16"), ["addresses.pods"]);
        assert.deepEqual(hostConflicts(stated, used("10.70.0.0/16")), []);
        assert.deepEqual(keysOf("10.90.0.0/16"), []);
    });

    it("of a cluster's own range are problems of that", () => {
        const own = topologyOf({ clusters: { edge1: { podSubnet: "172.20.0.0/16" } } });
        assert.deepEqual(suggested(own, "172.20.3.0/24"), {
            "clusters.edge1.podSubnet": "10.192.0.0/16",
        });
    });

    it("of networks of every type are problems of their ranges", () => {
        const topology = topologyOf({
            clusters: { edge1: { nodes: 3 } },
            networks: {
                lan: { type: "macvlan", cidr: "172.20.0.0/16" },
                cilium: { type: "cilium", cidr: "172.21.0.0/16" },
            },
        });
        const keys = Object.keys(suggested(topology, "172.16.0.0/12"));
        assert.deepEqual(keys.sort(), ["networks.cilium.cidr", "networks.lan.cidr"]);
    });

    it("name every other user of a range once", () => {
        const [conflict] = hostConflicts(topology, [
            { cidr: "10.200.0.0/24", what: "docker network a" },
            { cidr: "10.200.1.0/24", what: "docker network b" },
            { cidr: "10.200.1.0/24", what: "docker network b" },
        ]);
        assert.deepEqual(conflict!.users, [
            "10.200.0.0/24 (docker network a)",
            "10.200.1.0/24 (docker network b)",
        ]);
    });

    it("give a network that is there by default its section", () => {
        const conflicts = hostConflicts(topology, used("10.0.2.0/24"));
        const fix = (config: RawConfig) => hostConflictProblems(conflicts, config)[0]!.fix;
        assert.match(fix(CONFIG), /config set --path networks\.data-plane\.type ptp && /);
        const stated = { ...CONFIG, networks: { "data-plane": { type: "ptp" } } };
        assert.doesNotMatch(fix(stated), /type/);
    });
});

describe("routes that are default routes in pieces", () => {
    const PIECES: Record<string, string[]> = {
        halves: ["0.0.0.0/1", "128.0.0.0/1"],
        quarters: ["0.0.0.0/2", "64.0.0.0/2", "128.0.0.0/2", "192.0.0.0/2"],
        "a half and two quarters, twice": [
            ...["0.0.0.0/1", "128.0.0.0/2", "192.0.0.0/2"],
            ...["0.0.0.0/1", "128.0.0.0/2", "192.0.0.0/2"],
        ],
        "all /8": Array.from({ length: 256 }, (_, i) => `${i}.0.0.0/8`),
        "all but 0.0.0.0/8, as some VPNs have it": [
            ...["1.0.0.0/8", "2.0.0.0/7", "4.0.0.0/6", "8.0.0.0/5"],
            ...["16.0.0.0/4", "32.0.0.0/3", "64.0.0.0/2", "128.0.0.0/1"],
        ],
    };
    for (const [what, cidrs] of Object.entries(PIECES)) {
        it(`are ignored: ${what}`, () => {
            assert.deepEqual(keysOf(...cidrs), []);
        });
    }

    it("leave others of the same device in use", () => {
        assert.deepEqual(keysOf("0.0.0.0/1", "128.0.0.0/1", "10.8.0.0/24"), [
            "networks.data-plane.cidr",
        ]);
    });

    it("are no default route through different devices, if they are small", () => {
        const ranges = Array.from({ length: 256 }, (_, i) => ({
            cidr: `${i}.0.0.0/8`,
            what: i === 10 ? "tun1" : "tun0",
        }));
        assert.equal(hostConflicts(topology, ranges).length, 4);
    });
});

describe("suggested ranges", () => {
    it("are in 10.0.0.0/8 while eight clusters fit there, and not where other stacks have theirs", () => {
        assert.deepEqual(suggested(topology, "10.0.2.0/24"), {
            "networks.data-plane.cidr": "10.32.0.0/11",
        });
        const some = suggested(topology, "10.0.2.0/24", "10.17.0.0/16", "10.40.0.0/16");
        assert.deepEqual(some, { "networks.data-plane.cidr": "10.48.0.0/12" });
    });

    it("are carriers' where nobody has any of these", () => {
        const vpn = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"];
        assert.deepEqual(suggested(topology, ...vpn), {
            "bridge.subnet": "100.112.0.0/22",
            "networks.data-plane.cidr": "100.64.0.0/12",
            "addresses.pods": "100.80.0.0/12",
            "addresses.services": "100.96.0.0/12",
        });
        const withTailscale = Object.values(suggested(topology, ...vpn, "100.100.100.100/32"));
        assert.ok(withTailscale.every((free) => free && !free.startsWith("100.")));
    });

    it("are missing where all is in use", () => {
        const all = ["10.0.0.0/7", "10.0.0.0/8", "11.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"];
        const conflicts = hostConflicts(topology, used(...all, "100.64.0.0/10", "198.18.0.0/15"));
        assert.deepEqual(new Set(conflicts.map(({ free }) => free)), new Set([undefined]));
        for (const { fix } of hostConflictProblems(conflicts, CONFIG)) {
            assert.match(fix, /another that this machine does not use/);
        }
        const elsewhere = topologyOf({
            ...{ clusters: CONFIG.clusters, bridge: { subnet: "12.255.0.0/22" } },
            networks: { "data-plane": { type: "ptp", cidr: "12.0.0.0/12" } },
            addresses: { pods: "12.16.0.0/12", services: "12.32.0.0/12" },
        });
        assert.deepEqual(hostConflicts(elsewhere, used(...all)), []);
    });
});

describe("a stack that is there", () => {
    it("is warned of what its pods do not reach", () => {
        const warning = hostWarning(topology, used("10.0.2.0/24", "192.168.1.0/24")) ?? "";
        assert.match(warning, /10\.0\.0\.0\/10 \(network "data-plane"\) with 10\.0\.2\.0\/24/);
        assert.match(warning, /keeps them and works on.*do not reach/);
        assert.doesNotMatch(warning, /192\.168/);
    });

    it("is warned of nothing else, such as blocks of clusters that may come", () => {
        assert.equal(
            hostWarning(topology, used("10.70.0.0/16", "0.0.0.0/1", "128.0.0.0/1")),
            undefined,
        );
    });
});
