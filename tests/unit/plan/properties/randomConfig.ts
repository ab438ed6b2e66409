import assert from "node:assert/strict";
import fc from "fast-check";
import type { Owner } from "../../../../plan/names.ts";
import type { Plan } from "../../../../plan/plan.ts";
import { planTopology } from "../../../../plan/planTopology.ts";
import { formatProblems, type Problem } from "../../../../plan/problem.ts";
import { validateConfig } from "../../../../plan/config/validate.ts";

/** How a random configuration is written before it is plain data. */
export interface Config {
    clusters: Record<string, Record<string, unknown>>;
    networks?: Record<string, Record<string, unknown>> | undefined;
    [section: string]: unknown;
}

/** Random topologies per property; more than 10,000 in all. */
export const RUNS = { plan: 4500, order: 1500, renumbering: 1500, problems: 2500, garbage: 500 };

const MOST_BLOCKS = 64;

/** A project and a stack of any names. */
export const owner: fc.Arbitrary<Owner> = fc.record({
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

/** Indexes of up to six clusters. */
export const indexes = fc.uniqueArray(fc.nat(MOST_BLOCKS - 1), { minLength: 1, maxLength: 6 });

/** A valid configuration with clusters of these indexes. */
export function configOf(indexes: number[]): fc.Arbitrary<Config> {
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

/** A valid configuration. */
export const config = indexes.chain(configOf);

export function planOf(config: object, owner: Owner): Plan {
    // As the engine hands it over: plain data.
    const result = validateConfig(JSON.parse(JSON.stringify(config)) as Config, owner);
    if ("problems" in result) {
        assert.fail(formatProblems(result.problems));
    }
    return planTopology(result.topology, owner);
}

export function problemsOf(config: object, owner: Owner): Problem[] {
    const result = validateConfig(config as Config, owner);
    return "problems" in result ? result.problems : [];
}

export function withCluster(config: Config, name: string, keys: object): Config {
    const clusters = { ...config.clusters, [name]: { ...config.clusters[name], ...keys } };
    return { ...config, clusters };
}

export function withNetwork(config: Config, network: Record<string, unknown>): Config {
    return { ...config, networks: { ...config.networks, new: network } };
}
