import assert from "node:assert/strict";
import fc from "fast-check";
import ipaddr from "ipaddr.js";
import { cidrOf as parseRange, overlaps, type Cidr } from "../../../components/topology/cidr.ts";
import { topologyDiagram } from "../../../components/topology/diagram.ts";
import type { Owner } from "../../../components/topology/names.ts";
import { planTopology, type ClusterPlan, type Plan } from "../../../components/topology/plan.ts";
import { formatProblems, type Problem } from "../../../components/topology/problem.ts";
import { validateConfig } from "../../../components/topology/validate.ts";

/** How a random configuration is written before it is plain data. */
interface Config {
    clusters: Record<string, Record<string, unknown>>;
    networks?: Record<string, Record<string, unknown>>;
    [section: string]: unknown;
}

/** Random topologies per property; more than 10,000 in all. */
const RUNS = { plan: 5000, order: 1500, renumbering: 2000, faults: 2500, garbage: 1000 };

const MOST_BLOCKS = 64;

const owner: fc.Arbitrary<Owner> = fc.record({
    project: fc.oneof(fc.constant("multinet"), fc.stringMatching(/^[A-Za-z0-9_.-]{1,70}$/)),
    stack: fc.oneof(fc.constant("dev"), fc.stringMatching(/^[A-Za-z0-9_.-]{1,70}$/)),
});

/** One cluster of an index: stated, or by its name; its name never occurs with another index. */
function clusterOf(index: number) {
    const letters = String.fromCharCode(97 + Math.floor(index / 26), 97 + (index % 26));
    const name = fc.oneof(
        fc
            .constantFrom("edge", "a", "core-", "e2e", "a-name-as-long-as-it-may-be-")
            .map((stem) => ({
                name: `${stem}${index}`,
            })),
        fc.constantFrom("site-", "x9").map((stem) => ({ name: `${stem}${letters}`, index })),
    );
    const keys = fc.record(
        {
            nodes: fc.integer({ min: 1, max: 5 }),
            memory: fc.constantFrom("1GiB", "1536MiB", "8GiB"),
            podSubnet: fc.constant(`100.${64 + index}.0.0/16`),
            serviceSubnet: fc.constant(`11.${index}.16.0/20`),
        },
        { requiredKeys: [] },
    );
    return fc
        .tuple(name, keys)
        .map(([{ name, ...stated }, rest]) => [name, { ...stated, ...rest }] as const);
}

function network(range: object, shortest: number): fc.Arbitrary<Record<string, unknown>> {
    return fc
        .record({
            clusterPrefix: fc.integer({ min: shortest, max: 19 }),
            slices: fc.integer({ min: 3, max: 8 }),
            mtu: fc.option(fc.integer({ min: 576, max: 1500 }), { nil: undefined }),
        })
        .map(({ clusterPrefix, slices, mtu }) => ({
            type: "ptp",
            ...range,
            clusterPrefix,
            nodePrefix: clusterPrefix + slices,
            ...(mtu && { mtu }),
        }));
}

const networks = fc
    .record(
        {
            "data-plane": network({}, 16),
            backup: network({ cidr: "172.16.0.0/12" }, 18),
            zone: network({ cidr: "12.0.0.0/8" }, 14),
        },
        { requiredKeys: [] },
    )
    .filter((networks) => Object.keys(networks).length > 0);

const indexes = fc.uniqueArray(fc.nat(MOST_BLOCKS - 1), { minLength: 1, maxLength: 7 });

/** A valid configuration with clusters of these indexes. */
function configOf(indexes: number[]): fc.Arbitrary<Config> {
    return fc.record(
        {
            clusters: fc
                .tuple(...indexes.map(clusterOf))
                .map((entries) => Object.fromEntries(entries)),
            networks,
            addresses: fc.constantFrom(
                { pods: "13.0.0.0/8", services: "14.0.0.0/8", clusterPrefix: 14 },
                { clusterPrefix: 18 },
            ),
            bridge: fc.constantFrom({}, { subnet: "15.0.0.0/24" }),
            demo: fc.integer({ min: 2, max: 6 }).map((deployments) => ({ deployments })),
            runtime: fc.constantFrom("docker", "podman"),
        },
        { requiredKeys: ["clusters"] },
    );
}

const config = indexes.chain(configOf);

function plan(config: object, owner: Owner): Plan {
    // As the engine hands it over: plain data.
    const result = validateConfig(JSON.parse(JSON.stringify(config)) as Config, owner);
    if ("problems" in result) assert.fail(formatProblems(result.problems));
    return planTopology(result.topology, owner);
}

function problemsOf(config: object, owner: Owner): Problem[] {
    const result = validateConfig(config as Config, owner);
    return "problems" in result ? result.problems : [];
}

/** Reads a range once; these tests look at the same few over and over. */
const known = new Map<string, Cidr>();
function cidrOf(text: string): Cidr {
    return known.get(text) ?? known.set(text, parseRange(text)).get(text)!;
}

function assertDisjoint(ranges: string[]): void {
    const sorted = ranges.map(cidrOf).sort((a, b) => a.first - b.first);
    for (const [i, range] of sorted.slice(1).entries()) {
        assert.ok(!overlaps(sorted[i]!, range), ranges.join(" "));
    }
}

function assertInside(address: string, range: string): void {
    const [first] = address.split("/");
    assert.ok(ipaddr.IPv4.parse(first!).match(ipaddr.IPv4.parseCIDR(range)), `${address} ${range}`);
}

function checkAddresses({ bridge, networks, clusters }: Plan): void {
    assertDisjoint([
        bridge.subnet,
        ...networks.map(({ cidr }) => cidr),
        ...clusters.flatMap(({ podSubnet, serviceSubnet }) => [podSubnet, serviceSubnet]),
    ]);
    const attachments = clusters.flatMap(({ nodes }) => nodes.flatMap((node) => node.attachments));
    assertDisjoint(attachments.map(({ slice }) => slice));
    for (const { network, slice, gateway } of attachments) {
        assertInside(slice, networks.find(({ name }) => name === network)!.cidr);
        assertInside(gateway, slice);
    }
}

/** Every node has exactly one route to each slice of every other node, so every pair has a way and a way back. */
function checkRoutes({ networks, clusters }: Plan): void {
    const nodes = clusters.flatMap(({ nodes }) => nodes);
    const owners = new Map(
        networks.flatMap(({ name }, i) =>
            nodes.map((node) => {
                const { network, slice } = node.attachments[i]!;
                assert.equal(network, name);
                return [slice, { via: node.name, network }] as const;
            }),
        ),
    );
    for (const node of nodes) {
        const own = new Set(node.attachments.map(({ slice }) => slice));
        assert.deepEqual(new Set(node.unreachable), own);
        const expected = [...owners].filter(([slice]) => !own.has(slice));
        assert.deepEqual(
            node.routes,
            expected.map(([dst, { via, network }]) => ({ dst, via, network })),
        );
        const firsts = node.routes.map(({ dst }) => cidrOf(dst).first);
        assert.deepEqual(
            firsts,
            firsts.toSorted((a, b) => a - b),
        );
    }
}

function checkNames({ bridge, clusters }: Plan): void {
    const nodes = clusters.flatMap(({ nodes }) => nodes.map(({ name }) => name));
    const kinds = clusters.map(({ kindName }) => kindName);
    assert.equal(new Set(nodes).size, nodes.length);
    assert.equal(new Set(kinds).size, kinds.length);
    for (const name of [...nodes, ...kinds, bridge.name]) {
        assert.match(name, /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/);
    }
}

function checkReachability({ networks, clusters, reachability }: Plan): void {
    const pods = clusters.reduce((sum, { demos }) => sum + demos.length, 0);
    assert.equal(reachability.pairs.length, pods * (pods - 1) * networks.length);
    const clusterOf = new Map(clusters.map((cluster) => [cluster.name, cluster]));
    for (const { from, cluster, node, network, address } of reachability.free) {
        const owner = clusterOf.get(cluster)!.nodes.find(({ name }) => name === node)!;
        const { slice, gateway } = owner.attachments.find((each) => each.network === network)!;
        assertInside(address, slice);
        assert.notEqual(address, gateway);
        const pod = clusterOf.get(from.cluster)!.demos.find(({ name }) => name === from.demo)!;
        assert.notEqual(pod.node, node);
        assert.ok(clusters.length === 1 || cluster !== from.cluster);
    }
    if (clusters.length > 1) assert.equal(reachability.free.length, pods * networks.length);
}

/** What of a cluster must not depend on other clusters; routes do. */
function own(cluster: ClusterPlan) {
    return { ...cluster, nodes: cluster.nodes.map((node) => ({ ...node, routes: [] })) };
}

function shuffled<T>(map: Record<string, T>, seed: number): Record<string, T> {
    const entries = Object.entries(map);
    return Object.fromEntries(
        entries.map((_, i) => entries[(i + seed) % entries.length]!).reverse(),
    );
}

/** Ways to spoil a valid configuration, and the key at which that is told. */
const SPOILS: ((config: Config, cluster: string) => [spoilt: object, key: RegExp])[] = [
    ...[0, -3, 1.5, 1e6, "2", null, true, [], {}].map(
        (nodes) => (config: Config, cluster: string) =>
            [withCluster(config, cluster, { nodes }), /^clusters\..*\.nodes$/] as [object, RegExp],
    ),
    ...[-1, 0.5, 1e7, 1e9, "x"].map(
        (index) => (config: Config, cluster: string) =>
            [withCluster(config, cluster, { index }), /^clusters\..*\.index$/] as [object, RegExp],
    ),
    ...["", "10", "10.0.0.0", "10.0.0.1/8", "::/0", "0.0.0.0/0", "127.0.0.0/16", "1.2.3.0/33"].map(
        (podSubnet) => (config: Config, cluster: string) =>
            [withCluster(config, cluster, { podSubnet }), /^clusters\..*\.podSubnet$/] as [
                object,
                RegExp,
            ],
    ),
    (config) => [withNetwork(config, { type: "vlan" }), /^networks\.new\.type$/],
    (config) => [
        {
            ...config,
            networks: {
                new: { type: "ptp", cidr: "16.0.0.0/8" },
                newer: { type: "ptp", cidr: "16.0.0.0/9" },
            },
        },
        /^networks\.newer\.cidr$/,
    ],
    (config) => [withNetwork(config, { type: "ptp", mtu: 9000 }), /^networks\.new\.mtu$/],
    (config) => [
        withNetwork(config, { type: "ptp", cidr: "16.0.0.0/8", clusterPrefix: 24 }),
        /^networks\.new\.nodePrefix$/,
    ],
    (config) => [{ ...config, clusters: { ...config.clusters, Bad_1: {} } }, /^clusters\.Bad_1$/],
    (config) => [
        { ...config, clusters: { ...config.clusters, none: {} } },
        /^clusters\.none\.index$/,
    ],
    (config) => [{ ...config, clusters: [] }, /^clusters$/],
    (config) => [{ ...config, runtime: "lxc" }, /^runtime$/],
    (config) => [{ ...config, bridge: { subnet: "15.0.0.0/31" } }, /^bridge\.subnet$/],
    (config) => [{ ...config, demo: { deployments: 400 } }, /^demo\.deployments$/],
    (config) => [{ ...config, bridges: {} }, /^bridges$/],
];

function withCluster(config: Config, name: string, keys: object): Config {
    const clusters = { ...config.clusters, [name]: { ...config.clusters[name], ...keys } };
    return { ...config, clusters };
}

function withNetwork(config: Config, network: Record<string, unknown>): Config {
    return { ...config, networks: { ...config.networks, new: network } };
}

describe("random topologies", function () {
    this.timeout(120_000);

    it("have a plan in which all addresses, routes and names are right", () => {
        fc.assert(
            fc.property(config, owner, (config, owner) => {
                const made = plan(config, owner);
                checkAddresses(made);
                checkRoutes(made);
                checkNames(made);
                checkReachability(made);
                assert.ok(topologyDiagram(made).startsWith("flowchart"));
            }),
            { numRuns: RUNS.plan },
        );
    });

    it("have the same plan in whatever order they are written", () => {
        fc.assert(
            fc.property(config, owner, fc.nat(9), (config, owner, seed) => {
                const other = {
                    ...shuffled(config, seed),
                    clusters: shuffled(config.clusters, seed),
                    ...(config.networks && { networks: shuffled(config.networks, seed) }),
                };
                assert.deepEqual(plan(other, owner), plan(config, owner));
            }),
            { numRuns: RUNS.order },
        );
    });

    it("keep every name and address when a cluster or a node comes or goes", () => {
        const grown = indexes
            .filter(({ length }) => length > 1)
            .chain((indexes) => configOf(indexes))
            .map((config) => ({ config, names: Object.keys(config.clusters) }));
        fc.assert(
            fc.property(grown, owner, ({ config, names }, owner) => {
                const [gone, ...rest] = names;
                const clusters = Object.fromEntries(
                    Object.entries(config.clusters).filter(([name]) => name !== gone),
                );
                const [before, after] = [plan({ ...config, clusters }, owner), plan(config, owner)];
                const stayed = after.clusters.filter(({ name }) => name !== gone);
                assert.deepEqual(stayed.map(own), before.clusters.map(own));
                assert.deepEqual([before.bridge, before.networks], [after.bridge, after.networks]);

                const nodes = 1 + Number(config.clusters[rest[0]!]!.nodes ?? 1);
                const wider = plan(withCluster(config, rest[0]!, { nodes }), owner);
                for (const [i, cluster] of wider.clusters.entries()) {
                    const old = own(after.clusters[i]!);
                    const now = own(cluster);
                    if (cluster.name !== rest[0]) assert.deepEqual(now, old);
                    else assert.deepEqual(now.nodes.slice(0, -1), old.nodes);
                }
            }),
            { numRuns: RUNS.renumbering },
        );
    });

    it("that are spoilt are refused at the right key", () => {
        fc.assert(
            fc.property(
                config,
                owner,
                fc.constantFrom(...SPOILS),
                fc.nat(6),
                (config, owner, spoil, k) => {
                    const names = Object.keys(config.clusters);
                    const [spoilt, key] = spoil(config, names[k % names.length]!);
                    const problems = problemsOf(spoilt, owner);
                    const found = problems.filter((problem) => key.test(problem.key));
                    assert.ok(found.length > 0, formatProblems(problems));
                    for (const { reason, remedy } of problems) {
                        assert.match(reason, /\.$/);
                        assert.doesNotMatch(reason + remedy, /undefined|NaN|\[object/);
                    }
                },
            ),
            { numRuns: RUNS.faults },
        );
    });

    it("of any data whatever are refused or planned, never thrown at", () => {
        const value = fc.jsonValue({ maxDepth: 2 });
        const section = fc.constantFrom(
            "clusters",
            "networks",
            "addresses",
            "bridge",
            "demo",
            "images",
            "runtime",
            "x",
        );
        const inside = fc.constantFrom(
            "nodes",
            "index",
            "podSubnet",
            "memory",
            "cidr",
            "clusterPrefix",
            "pods",
            "subnet",
            "__proto__",
            "constructor",
            "",
        );
        fc.assert(
            fc.property(
                config,
                owner,
                section,
                inside,
                value,
                (config, owner, section, inside, value) => {
                    const parts = [
                        value,
                        { [inside]: value },
                        { edge1: { [inside]: value }, constructor: value },
                        { n: { type: "ptp", [inside]: value } },
                    ];
                    for (const part of parts) {
                        const result = validateConfig({ ...config, [section]: part }, owner);
                        if ("topology" in result) planTopology(result.topology, owner);
                        else assert.notEqual(formatProblems(result.problems), formatProblems([]));
                    }
                },
            ),
            { numRuns: RUNS.garbage },
        );
    });
});
