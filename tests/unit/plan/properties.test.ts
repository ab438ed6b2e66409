import assert from "node:assert/strict";
import fc from "fast-check";
import ipaddr from "ipaddr.js";
import { cidrOf as parseRange, overlaps, type Cidr } from "../../../plan/cidr.ts";
import { topologyDiagram } from "../../../plan/diagram.ts";
import type { Owner } from "../../../plan/names.ts";
import type { ClusterPlan, DemoPlan, NodePlan, Plan, PodRef } from "../../../plan/plan.ts";
import { planTopology } from "../../../plan/planTopology.ts";
import { formatProblems, type Problem } from "../../../plan/problem.ts";
import { MOST_PAIRS } from "../../../plan/pairs.ts";
import { hostConflicts } from "../../../plan/rules/hostConflicts.ts";
import { validateConfig } from "../../../plan/config/validate.ts";

/** How a random configuration is written before it is plain data. */
interface Config {
    clusters: Record<string, Record<string, unknown>>;
    networks?: Record<string, Record<string, unknown>> | undefined;
    [section: string]: unknown;
}

/** Random topologies per property; more than 10,000 in all. */
const RUNS = { plan: 4500, order: 1500, renumbering: 1500, problems: 2500, garbage: 500 };

const MOST_BLOCKS = 64;

/** A host on which no private range is free. */
const EVERYTHING = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10"].map(
    (cidr) => ({ cidr, what: "a route" }),
);

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
            primary: fc.constantFrom("kindnet", "calico", "cilium"),
            kubeProxyMode: fc.constantFrom("iptables", "nftables"),
        },
        { requiredKeys: [] },
    );
    return fc
        .tuple(name, keys)
        .map(([{ name, ...stated }, rest]) => [name, { ...stated, ...rest }] as const);
}

/** A network of which each node has a slice. */
function sliced(
    type: string,
    range: object,
    shortest: number,
): fc.Arbitrary<Record<string, unknown>> {
    return fc
        .record({
            clusterPrefix: fc.integer({ min: shortest, max: 19 }),
            slices: fc.integer({ min: 3, max: 8 }),
            mtu: fc.option(fc.integer({ min: 576, max: 1500 }), { nil: undefined }),
        })
        .map(({ clusterPrefix, slices, mtu }) => ({
            type,
            ...range,
            clusterPrefix,
            nodePrefix: clusterPrefix + slices,
            ...(mtu && { mtu }),
        }));
}

const overlay = fc
    .record({
        nodePrefix: fc.integer({ min: 20, max: 27 }),
        mtu: fc.integer({ min: 576, max: 1450 }),
    })
    .map((keys) => ({ type: "cilium", cidr: "19.0.0.0/16", ...keys }));

const lan = fc
    .tuple(
        sliced("macvlan", { cidr: "18.0.0.0/8" }, 14),
        fc.constantFrom("host-local", "static", undefined),
    )
    .map(([network, ipam]) => ({ ...network, ...(ipam && { ipam }) }));

const networks = fc
    .record(
        {
            "data-plane": fc.constantFrom("ptp", "bridge").chain((type) => sliced(type, {}, 16)),
            backup: sliced("ptp", { cidr: "172.16.0.0/12" }, 18),
            zone: sliced("bridge", { cidr: "12.0.0.0/8" }, 14),
            lan,
            overlay,
        },
        { requiredKeys: [] },
    )
    .filter((networks) => Object.keys(networks).length > 0);

/** Some of the names, by the bits of a number; all of them if it is 0. */
function chosen(names: string[], bits: number): string[] {
    const some = names.filter((_, i) => (bits >> i) & 1);
    return some.length > 0 ? some : names;
}

/** The same with some of its clusters in each network; Cilium only where it is not the primary network. */
function joined(config: Config, bits: number[]): Config {
    const names = Object.keys(config.clusters);
    const networks = Object.entries(config.networks ?? {}).flatMap(([name, network], i) => {
        const possible =
            network.type === "cilium"
                ? names.filter((name) => config.clusters[name]!.primary !== "cilium")
                : names;
        if (possible.length === 0) {
            return [];
        }
        const clusters = chosen(possible, bits[i]!);
        return [[name, clusters.length === names.length ? network : { ...network, clusters }]];
    });
    if (networks.length === 0) {
        return { ...config, networks: undefined };
    }
    return { ...config, networks: Object.fromEntries(networks) as Config["networks"] };
}

const indexes = fc.uniqueArray(fc.nat(MOST_BLOCKS - 1), { minLength: 1, maxLength: 6 });

/** A valid configuration with clusters of these indexes. */
function configOf(indexes: number[]): fc.Arbitrary<Config> {
    const config = fc.record(
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
            demo: fc.record(
                { deployments: fc.integer({ min: 1, max: 4 }), plain: fc.nat(2) },
                { requiredKeys: [] },
            ),
            runtime: fc.constantFrom("docker", "podman"),
        },
        { requiredKeys: ["clusters"] },
    );
    const bits = fc.array(fc.nat(2 ** indexes.length - 1), { minLength: 5, maxLength: 5 });
    return fc
        .tuple(config, bits)
        .map(([config, bits]) => joined(config, bits))
        .filter((config) => provable(config));
}

/** One demo pod in each cluster is not always enough for a proof. */
function provable({ demo }: Config): boolean {
    const { deployments, plain = 0 } = (demo ?? {}) as { deployments?: number; plain?: number };
    return deployments !== 1 || plain > 0;
}

const config = indexes.chain(configOf);

function plan(config: object, owner: Owner): Plan {
    // As the engine hands it over: plain data.
    const result = validateConfig(JSON.parse(JSON.stringify(config)) as Config, owner);
    if ("problems" in result) {
        assert.fail(formatProblems(result.problems));
    }
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
    const routed = networks.filter(({ type }) => type === "ptp" || type === "bridge");
    const ways = routed.map(({ name: network, clusters: names }) =>
        clusters
            .filter(({ name }) => names.includes(name))
            .flatMap(({ nodes }) => nodes)
            .map((node) => ({ dst: sliceOf(node, network)!, via: node.name, network })),
    );
    for (const node of clusters.flatMap(({ nodes }) => nodes)) {
        const own = ways.filter((ways) => ways.some(({ via }) => via === node.name)).flat();
        const isOwn = ({ via }: { via: string }) => via === node.name;
        assert.deepEqual(
            node.unreachable,
            own.filter(isOwn).map(({ dst }) => dst),
        );
        assert.deepEqual(
            node.routes,
            own.filter((way) => !isOwn(way)),
        );
        const firsts = node.routes.map(({ dst }) => cidrOf(dst).first);
        assert.deepEqual(
            firsts,
            firsts.toSorted((a, b) => a - b),
        );
    }
}

function sliceOf(node: NodePlan, network: string): string | undefined {
    return node.attachments.find((each) => each.network === network)?.slice;
}

/** A cluster has the interfaces, slices and demo attachments of exactly the networks that it joins. */
function checkJoining({ networks, clusters }: Plan): void {
    const addresses: string[] = [];
    for (const cluster of clusters) {
        const joined = networks.filter(({ clusters }) => clusters.includes(cluster.name));
        const names = joined.map(({ name }) => name);
        assert.deepEqual(
            cluster.networks,
            names.map((network, i) => ({ network, interface: `net${i + 1}` })),
        );
        const sliced = joined.filter(({ type }) => type !== "cilium").map(({ name }) => name);
        for (const { attachments } of cluster.nodes) {
            assert.deepEqual(
                attachments.map(({ network }) => network),
                sliced,
            );
        }
        for (const { name, node: on, attachments, member } of cluster.demos) {
            const node = cluster.nodes.find((node) => node.name === on)!;
            const expected = name.startsWith("plain") ? [] : names;
            assert.deepEqual(
                attachments.map(({ network, slice }) => [network, slice]),
                expected.map((network) => [network, sliceOf(node, network)]),
            );
            for (const { slice, address } of attachments) {
                if (address === undefined) {
                    continue;
                }
                assertInside(address, slice!);
                addresses.push(address);
            }
            assert.equal(
                member,
                attachments.some(({ groups }) => groups !== undefined),
            );
        }
        assert.equal(cluster.settings !== undefined, cluster.primary !== "kindnet");
    }
    assert.equal(new Set(addresses).size, addresses.length);
    const devices = networks.flatMap((each) => ("device" in each ? String(each.device) : []));
    assert.ok(devices.every(({ length }) => length <= 15));
    assert.equal(new Set(devices).size, devices.length);
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
    const { pairs, free, multicast } = reachability;
    const clusterOf = new Map(clusters.map((cluster) => [cluster.name, cluster]));
    const find = ({ cluster, demo }: PodRef) =>
        clusterOf.get(cluster)!.demos.find(({ name }) => name === demo)!;
    const isOn = (network: string) => (demo: DemoPlan) =>
        demo.attachments.some((each) => each.network === network);
    const square = (pods: number) => pods * (pods - 1);
    const alone = ({ attachments }: DemoPlan) => attachments.length === 0;
    const domains = [
        ...networks.flatMap(({ name, type }) => {
            const pods = clusters.map(({ demos }) => demos.filter(isOn(name)));
            return (type === "cilium" ? pods : [pods.flat()]).map((pods) => ({ name, pods }));
        }),
        ...clusters
            .filter(({ demos }) => demos.some(alone))
            .map(({ demos: pods }) => ({ name: "primary", pods })),
    ];
    const sizeOf = ({ name, pods }: (typeof domains)[0]) =>
        square(pods.length) -
        (name === "primary" ? square(pods.filter((pod) => !alone(pod)).length) : 0);
    const total = domains.reduce((sum, domain) => sum + sizeOf(domain), 0);
    assert.ok(pairs.length > 0);
    if (total <= MOST_PAIRS) {
        assert.equal(pairs.length, total);
    } else if (pairs.length < total) {
        assert.match(reachability.scope, / pairs, covering every pod, every ordered pair of nodes/);
    }
    for (const name of new Set(domains.map(({ name }) => name))) {
        const asked = pairs.filter(({ network }) => network === name);
        const nodePairs = asked.map(({ from, to }) => `${find(from).node} ${find(to).node}`);
        for (const { pods } of domains.filter((domain) => domain.name === name)) {
            checkCovered(pods, new Set(nodePairs), name === "primary" ? alone : undefined);
        }
    }
    for (const { name, type } of networks) {
        const sent = multicast.filter(({ network }) => network === name);
        const asked = pairs.filter(({ network }) => network === name);
        assert.equal(sent.length, type === "macvlan" ? asked.length : 0);
        const sum = clusters.flatMap(({ demos }) => demos.filter(isOn(name))).length;
        if (sum > 2 && type === "macvlan") {
            assert.deepEqual(new Set(sent.map(({ member }) => member)), new Set([true, false]));
        }
        for (const { to, member, group } of sent) {
            const { groups } = find(to).attachments.find(({ network }) => network === name)!;
            assert.deepEqual(groups, member ? [group] : undefined);
        }
    }
    const known = new Set(reachability.networks.map(({ name }) => name));
    assert.ok(pairs.every(({ network }) => known.has(network)));

    for (const { from, cluster, node, network, address } of free) {
        const owner = clusterOf.get(cluster)!.nodes.find(({ name }) => name === node)!;
        const { slice, gateway } = owner.attachments.find((each) => each.network === network)!;
        assertInside(address, slice);
        assert.notEqual(address, gateway);
        const pod = find(from);
        assert.ok(isOn(network)(pod));
        assert.notEqual(pod.node, node);
        const { type, clusters } = networks.find(({ name }) => name === network)!;
        assert.ok(type === "ptp" || type === "bridge");
        assert.ok(clusters.length === 1 || cluster !== from.cluster);
    }
    for (const { name, type, clusters: names } of networks) {
        if (names.length === 1 || (type !== "ptp" && type !== "bridge")) {
            continue;
        }
        const pods = names.flatMap((name) => clusterOf.get(name)!.demos).filter(isOn(name));
        assert.equal(free.filter(({ network }) => network === name).length, pods.length);
    }
}

/** Every ordered pair of nodes whose pods share a network is there; of those that interest, if not all do. */
function checkCovered(pods: DemoPlan[], nodePairs: Set<string>, of?: (pod: DemoPlan) => boolean) {
    for (const from of new Set(pods.map(({ node }) => node))) {
        for (const { node: to } of pods.filter(({ node }) => node !== from)) {
            const some = pods.filter(({ node }) => node === from || node === to);
            if (of && !some.some(of)) {
                continue;
            }
            assert.ok(nodePairs.has(`${from} ${to}`), `${from} ${to}`);
        }
    }
}

/** What of a cluster must not depend on other clusters; routes do. */
function own(cluster: ClusterPlan) {
    const nodes = cluster.nodes.map((node) => ({ ...node, routes: [] }));
    return { ...cluster, nodes, agents: { ...cluster.agents, slices: {} } };
}

/** The same configuration without a cluster, and without the networks that then none joins. */
function withoutCluster(config: Config, gone: string): Config {
    const isKept = (name: unknown) => name !== gone;
    const networks = Object.entries(config.networks ?? {}).flatMap(([name, network]) => {
        if (network.clusters === undefined) {
            return [[name, network]];
        }
        const clusters = (network.clusters as string[]).filter(isKept);
        return clusters.length > 0 ? [[name, { ...network, clusters }]] : [];
    });
    return {
        ...config,
        clusters: Object.fromEntries(Object.entries(config.clusters).filter(([k]) => isKept(k))),
        ...(config.networks && { networks: Object.fromEntries(networks) as Config["networks"] }),
    };
}

/** What of a network must not depend on which clusters join it. */
function ownNetworks(plan: Plan) {
    return new Map(plan.networks.map((network) => [network.name, { ...network, clusters: [] }]));
}

function shuffled<T>(map: Record<string, T>, seed: number): Record<string, T> {
    const entries = Object.entries(map);
    return Object.fromEntries(
        entries.map((_, i) => entries[(i + seed) % entries.length]!).reverse(),
    );
}

/** The same networks, the clusters that join each in another order. */
function reversed(networks: NonNullable<Config["networks"]>) {
    return Object.fromEntries(
        Object.entries(networks).map(([name, { clusters, ...rest }]) => [
            name,
            { ...rest, ...(Array.isArray(clusters) && { clusters: clusters.toReversed() }) },
        ]),
    );
}

/** Ways to spoil a valid configuration, and the key at which that is told. */
const SPOILS: ((config: Config, cluster: string) => [spoilt: object, key: RegExp])[] = [
    ...[0, -3, 1.5, 1e6, "2", null, true, [], {}].map(
        (nodes) => (config: Config, cluster: string) =>
            [withCluster(config, cluster, { nodes }), /^clusters\..*\.nodes$/] as [object, RegExp],
    ),
    ...[-1, 0.5, 2 ** 24, 1e9, "x"].map(
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
    (config) => [withNetwork(config, { type: "cilium" }), /^networks\.new\.cidr$/],
    (config) => [withNetwork(config, { type: "macvlan" }), /^networks\.new\.cidr$/],
    (config) => [withNetwork(config, { type: "ptp", clusters: [] }), /^networks\.new\.clusters$/],
    (config) => [
        withNetwork(config, { type: "bridge", clusters: ["nowhere"] }),
        /^networks\.new\.clusters\[0\]$/,
    ],
    (config) => [
        withNetwork(config, { type: "cilium", cidr: "16.0.0.0/16", values: { MTU: 9000 } }),
        /^networks\.new\.values\.MTU$/,
    ],
    (config) => [
        withNetwork(config, { type: "cilium", cidr: "16.0.0.0/24" }),
        /^networks\.new\.nodePrefix$/,
    ],
    (config, cluster) => [
        {
            ...withCluster(config, cluster, { primary: "cilium" }),
            networks: { new: { type: "cilium", cidr: "16.0.0.0/16" } },
        },
        /^networks\.new\.clusters$/,
    ],
    (config, cluster) => [
        withCluster(config, cluster, { primary: "kindnet", calico: {} }),
        /^clusters\..*\.calico$/,
    ],
    (config, cluster) => [
        withCluster(config, cluster, { primary: "flannel" }),
        /^clusters\..*\.primary$/,
    ],
    (config) => [{ ...config, demo: { plain: 400 } }, /^demo\.plain$/],
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
                checkJoining(made);
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
                    ...(config.networks && { networks: reversed(shuffled(config.networks, seed)) }),
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
            // With one demo pod in each cluster the last one is told apart, so that a group has a non-member.
            .filter(({ demo }) => (demo as { deployments?: number } | undefined)?.deployments !== 1)
            .map((config) => ({ config, names: Object.keys(config.clusters) }));
        fc.assert(
            fc.property(grown, owner, ({ config, names }, owner) => {
                const [gone, ...rest] = names;
                const smaller = withoutCluster(config, gone!);
                fc.pre(!smaller.networks || Object.keys(smaller.networks).length > 0);
                const [before, after] = [plan(smaller, owner), plan(config, owner)];
                const stayed = after.clusters.filter(({ name }) => name !== gone);
                assert.deepEqual(stayed.map(own), before.clusters.map(own));
                assert.deepEqual(before.bridge, after.bridge);
                const networks = ownNetworks(after);
                for (const [name, network] of ownNetworks(before)) {
                    assert.deepEqual(network, networks.get(name));
                }

                const nodes = 1 + Number(config.clusters[rest[0]!]!.nodes ?? 1);
                const wider = plan(withCluster(config, rest[0]!, { nodes }), owner);
                for (const [i, cluster] of wider.clusters.entries()) {
                    const old = own(after.clusters[i]!);
                    const now = own(cluster);
                    if (cluster.name !== rest[0]) {
                        assert.deepEqual(now, old);
                    } else {
                        assert.deepEqual(now.nodes.slice(0, -1), old.nodes);
                    }
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
                    for (const { reason, fix } of problems) {
                        assert.match(reason, /\.$/);
                        assert.doesNotMatch(reason + fix, /undefined|NaN|\[object/);
                    }
                },
            ),
            { numRuns: RUNS.problems },
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
            "clusters",
            "primary",
            "ipam",
            "values",
            "calico",
            "plain",
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
                        ...["ptp", "bridge", "macvlan", "cilium"].map((type) => ({
                            n: { type, cidr: "16.0.0.0/16", clusterPrefix: 20, [inside]: value },
                        })),
                        {
                            edge1: {
                                primary: "calico",
                                calico: { values: value, [inside]: value },
                            },
                        },
                    ];
                    for (const part of parts) {
                        const result = validateConfig({ ...config, [section]: part }, owner);
                        if ("problems" in result) {
                            assert.notEqual(formatProblems(result.problems), formatProblems([]));
                        } else {
                            hostConflicts(result.topology, EVERYTHING);
                        }
                    }
                },
            ),
            { numRuns: RUNS.garbage },
        );
    });
});
