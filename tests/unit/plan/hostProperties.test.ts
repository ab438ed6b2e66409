import assert from "node:assert/strict";
import fc from "fast-check";
import { cidrOf, formatCidr, overlaps, type Cidr } from "../../../plan/cidr.ts";
import type { RawConfig } from "../../../plan/config/parsedConfig.ts";
import type { Topology } from "../../../plan/config/topology.ts";
import { validateConfig } from "../../../plan/config/validate.ts";
import { formatProblems, isParent, type Path } from "../../../plan/problem.ts";
import { hostConflicts, settingsFor } from "../../../plan/rules/hostConflicts.ts";
import { usedRanges } from "../../../plan/rules/hostRanges.ts";

const OWNER = { project: "multinet", stack: "dev" };

const EIGHT = Object.fromEntries(Array.from({ length: 8 }, (_, i) => [`edge${i + 1}`, {}]));

/** Machines for each property. */
const RUNS = 150;

/** A range inside of another one. */
function inside(pool: string, longest = 30): fc.Arbitrary<string> {
    const { first, prefix } = cidrOf(pool);
    return fc
        .tuple(fc.integer({ min: prefix, max: longest }), fc.nat(2 ** (32 - prefix) - 1))
        .map(([prefix, offset]) => {
            const size = 2 ** (32 - prefix);
            return formatCidr({ first: Math.floor((first + offset) / size) * size, prefix });
        });
}

const POOLS = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "198.18.0.0/15"];

const device = fc.constantFrom("eth0", "tun0", "docker0");

const user = fc.record({ cidr: fc.oneof(...POOLS.map((pool) => inside(pool))), what: device });

/** A machine with networks of any size, as common ones have them and as nobody has. */
const host = fc.array(user, { maxLength: 12 });

/** A machine with networks as people have them, from /16 on. */
const usual = fc.array(
    fc.record({
        cidr: inside("10.0.0.0/8").filter((cidr) => cidrOf(cidr).prefix >= 16),
        what: device,
    }),
    { minLength: 1, maxLength: 6 },
);

/** A stack with some defaults and some ranges of its own. */
const config: fc.Arbitrary<RawConfig> = fc
    .record(
        {
            clusters: fc
                .uniqueArray(fc.integer({ min: 1, max: 8 }), { minLength: 1, maxLength: 8 })
                .chain((indexes) =>
                    fc
                        .array(fc.record({ nodes: fc.integer({ min: 1, max: 4 }) }), {
                            minLength: indexes.length,
                            maxLength: indexes.length,
                        })
                        .map((all) =>
                            Object.fromEntries(all.map((one, i) => [`edge${indexes[i]}`, one])),
                        ),
                ),
            networks: fc.constantFrom(
                { "data-plane": { type: "ptp" } },
                { wires: { type: "bridge" }, lan: { type: "macvlan", cidr: "172.20.0.0/16" } },
                { overlay: { type: "cilium", cidr: "10.245.0.0/16" } },
                {
                    a: { type: "ptp", cidr: "10.0.0.0/12" },
                    b: { type: "ptp", cidr: "10.16.0.0/12" },
                },
            ),
            addresses: fc.constantFrom({}, { clusterPrefix: 18 }),
            bridge: fc.constantFrom({}, { subnet: "192.168.252.0/22" }),
        },
        { requiredKeys: ["clusters"] },
    )
    .filter((config) => "topology" in validateConfig(config, OWNER));

/** The same, perhaps with a pool of its own: where clusters may come in it, the user knows. */
const stated = fc
    .tuple(config, fc.constantFrom({}, { addresses: { pods: "10.64.0.0/12" } }))
    .map(([config, more]): RawConfig => ({ ...config, ...more }))
    .filter((config) => "topology" in validateConfig(config, OWNER));

function topologyOf(config: RawConfig): Topology {
    const result = validateConfig(config, OWNER);
    return "topology" in result ? result.topology : assert.fail(formatProblems(result.problems));
}

/** The configuration with every suggestion in it. */
function moved(config: RawConfig, used: { cidr: string; what: string }[]): RawConfig {
    const copy = structuredClone(config) as Record<string, unknown>;
    const conflicts = hostConflicts(topologyOf(config), used);
    for (const [path, value] of conflicts.flatMap((one) => settingsFor(one, config))) {
        set(copy, path, value);
    }
    return copy;
}

function set(root: Record<string, unknown>, path: Path, value: string): void {
    let part: Record<string | number, unknown> = root;
    for (const key of path.slice(0, -1)) {
        const inner = part[key] ?? {};
        assert.ok(isParent(inner));
        part[key] = inner;
        part = inner;
    }
    part[path.at(-1)!] = value;
}

/** Every range of a stack of which hosts have addresses. */
function rangesOf({ bridge, networks, clusters }: Topology): Cidr[] {
    return [
        bridge.subnet,
        ...networks.map(({ cidr }) => cidr),
        ...clusters.flatMap(({ podSubnet, serviceSubnet }) => [podSubnet, serviceSubnet]),
    ].map(cidrOf);
}

function assertFree(topology: Topology, used: { cidr: string; what: string }[]): void {
    const ranges = rangesOf(topology);
    const others = usedRanges(used).map(({ cidr }) => cidr);
    for (const [i, range] of ranges.entries()) {
        for (const other of [...others, ...ranges.slice(i + 1)]) {
            assert.ok(!overlaps(range, other), `${formatCidr(range)} ${formatCidr(other)}`);
        }
    }
}

/** Where the clusters and networks of a stack are. */
function places({ bridge, networks, clusters }: Topology) {
    return {
        bridge,
        networks: networks.map(({ name, cidr }) => [name, cidr]),
        clusters: clusters.map(({ name, podSubnet, serviceSubnet }) => [
            name,
            podSubnet,
            serviceSubnet,
        ]),
    };
}

/** Adds the clusters that are missing to eight, and compares. */
function assertGrows(config: RawConfig, used: { cidr: string; what: string }[]): void {
    const before = topologyOf(config);
    const clusters = { ...EIGHT, ...(config["clusters"] as object) };
    const after = topologyOf({ ...config, clusters });
    const names = before.clusters.map(({ name }) => name);
    const old = after.clusters.filter(({ name }) => names.includes(name));
    assert.deepEqual(places({ ...after, clusters: old }), places(before));
    assertFree(after, used);
    assert.deepEqual(hostConflicts(after, used), []);
}

describe("what a stack is given on a machine", function () {
    this.timeout(120_000);

    it("is in conflict with nothing there, nor with itself", () => {
        fc.assert(
            fc.property(stated, host, (config, used) => {
                const conflicts = hostConflicts(topologyOf(config), used);
                fc.pre(conflicts.every(({ free }) => free !== undefined));
                const after = topologyOf(moved(config, used));
                assertFree(after, used);
                assert.deepEqual(hostConflicts(after, used), []);
            }),
            { numRuns: RUNS },
        );
    });

    it("keeps its ranges when it grows to eight clusters, wherever that was said", () => {
        fc.assert(
            fc.property(config, host, (config, used) => {
                const conflicts = hostConflicts(topologyOf(config), used);
                fc.pre(conflicts.every(({ free, grows }) => free !== undefined && grows));
                assertGrows(moved(config, used), used);
            }),
            { numRuns: RUNS },
        );
    });

    it("has room for eight clusters where 10.0.0.0/8 is used as people use it", () => {
        fc.assert(
            fc.property(config, usual, (config, used) => {
                const conflicts = hostConflicts(topologyOf(config), used);
                assert.deepEqual(
                    conflicts.filter(({ free, grows }) => free === undefined || !grows),
                    [],
                );
                assertGrows(moved(config, used), used);
            }),
            { numRuns: RUNS },
        );
    });

    it("does not depend on the order in which the machine lists what it uses", () => {
        fc.assert(
            fc.property(config, host, (config, used) => {
                const frees = (used: { cidr: string; what: string }[]) =>
                    hostConflicts(topologyOf(config), used).map(({ free }) => free);
                assert.deepEqual(frees(used.toReversed()), frees(used));
            }),
            { numRuns: RUNS },
        );
    });

    it("takes any division of all addresses for a default route", () => {
        const division = fc.array(fc.nat(), { minLength: 1, maxLength: 40 }).map(divided);
        fc.assert(
            fc.property(division, config, (cidrs, config) => {
                const used = cidrs.map((cidr) => ({ cidr, what: "tun0" }));
                assert.deepEqual(hostConflicts(topologyOf(config), used), []);
            }),
            { numRuns: RUNS },
        );
    });
});

/** All addresses, cut in halves again and again. */
function divided(cuts: number[]): string[] {
    const ranges: Cidr[] = [{ first: 0, prefix: 0 }];
    for (const cut of cuts) {
        const i = cut % ranges.length;
        const { first, prefix } = ranges[i]!;
        if (prefix < 32) {
            const half = { first: first + 2 ** (31 - prefix), prefix: prefix + 1 };
            ranges.splice(i, 1, { first, prefix: prefix + 1 }, half);
        }
    }
    return ranges.map(formatCidr);
}
