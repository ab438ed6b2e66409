import assert from "node:assert/strict";
import { planTopology } from "../../../plan/planTopology.ts";
import { hostConflicts } from "../../../plan/rules/hostConflicts.ts";
import { validateConfig } from "../../../plan/config/validate.ts";
import type { RawConfig } from "../../../plan/config/parsedConfig.ts";

const OWNER = { project: "multinet", stack: "dev" };

function planOf(config: RawConfig) {
    const result = validateConfig(config, OWNER);
    assert.ok("topology" in result);
    return planTopology(result.topology, OWNER);
}

const plan = planOf({
    clusters: { edge1: {}, edge2: {} },
    bridge: { subnet: "10.200.0.0/22" },
});

describe("conflicts with the host", () => {
    it("are none with ranges elsewhere, the default route, IPv6 and noise", () => {
        const ranges = ["192.168.1.0/24", "172.17.0.0/16", "0.0.0.0/0", "fc00::/64", "", "x/8"];
        assert.deepEqual(
            hostConflicts(
                plan,
                ranges.map((cidr) => ({ cidr, what: "something" })),
            ),
            [],
        );
    });

    const CASES: [cidr: string, key: string, value: string, reason: RegExp][] = [
        ["10.200.1.0/24", "bridge.subnet", '"10.200.0.0/22"', /docker network of the stack/],
        ["10.1.0.0/16", "networks.data-plane.cidr", '"10.0.0.0/10"', /network "data-plane"/],
        [
            "10.66.4.0/24",
            "clusters.edge2.podSubnet",
            '"10.66.0.0/16"',
            /pod subnet of cluster "edge2"/,
        ],
        ["10.129.0.9/32", "clusters.edge1.serviceSubnet", '"10.129.0.0/16"', /service subnet/],
        [
            "10.64.0.0/12",
            "addresses.pods",
            '["10.65.0.0/16","10.66.0.0/16"]',
            /and of 1 more cluster/,
        ],
    ];
    for (const [cidr, expected, value, reason] of CASES) {
        it(`${cidr} in use is a problem of ${expected}`, () => {
            const problems = hostConflicts(plan, [{ cidr, what: 'docker network "foo"' }]);
            assert.deepEqual(
                problems.map((problem) => [problem.key, problem.value]),
                [[expected, value]],
            );
            assert.match(problems[0]!.reason, reason);
            assert.ok(problems[0]!.reason.includes(`${cidr} (docker network "foo")`));
            assert.match(problems[0]!.fix, /free, such as "[\d./]+", or remove the other user/);
        });
    }

    it("suggest ranges with which all conflicts are gone", () => {
        const vpn = [
            { cidr: "10.0.0.0/8", what: "host route via tun0" },
            { cidr: "172.17.0.1/16", what: 'docker network "bridge"' },
        ];
        const suggestions = Object.fromEntries(
            hostConflicts(plan, vpn).map(({ key, fix }) => [key, /"([\d./]+)"/.exec(fix)?.[1]]),
        );
        assert.deepEqual(Object.keys(suggestions).sort(), [
            "addresses.pods",
            "addresses.services",
            "bridge.subnet",
            "networks.data-plane.cidr",
        ]);
        const moved = planOf({
            clusters: { edge1: {}, edge2: {} },
            bridge: { subnet: suggestions["bridge.subnet"] },
            networks: {
                "data-plane": { type: "ptp", cidr: suggestions["networks.data-plane.cidr"] },
            },
            addresses: {
                pods: suggestions["addresses.pods"],
                services: suggestions["addresses.services"],
            },
        });
        assert.deepEqual(hostConflicts(moved, vpn), []);
    });

    it("of networks of every type are problems of their ranges", () => {
        const plan = planOf({
            clusters: { edge1: { nodes: 3 } },
            networks: {
                lan: { type: "macvlan", cidr: "172.20.0.0/16" },
                cilium: { type: "cilium", cidr: "172.21.0.0/16" },
            },
        });
        const everything = [{ cidr: "172.16.0.0/12", what: "host route via tun0" }];
        assert.deepEqual(
            hostConflicts(plan, everything)
                .map(({ key }) => key)
                .sort(),
            ["networks.cilium.cidr", "networks.lan.cidr"],
        );
    });

    it("name every other user of a range once", () => {
        const [problem] = hostConflicts(plan, [
            { cidr: "10.200.0.0/24", what: "docker network a" },
            { cidr: "10.200.1.0/24", what: "docker network b" },
        ]);
        assert.match(
            problem!.reason,
            /10\.200\.0\.0\/24 \(docker network a\) and 10\.200\.1\.0\/24 \(docker network b\)\.$/,
        );
    });
});
