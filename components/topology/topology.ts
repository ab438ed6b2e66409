import { blockCount, cidrOf, formatCidr, nthBlock, type Cidr } from "./cidr.ts";
import type { StackConfig } from "./draft.ts";
import { hash, trailingNumber, type Owner } from "./names.ts";
import { addressesSchema } from "./schema.ts";
import type * as schema from "./schema.ts";

/** A stack's configuration, valid and with every default filled in. */
export interface Topology {
    /** By ascending index. */
    clusters: ClusterTopology[];
    /** By ascending range: the order of the pods' interfaces. */
    networks: NetworkTopology[];
    bridge: { subnet: string };
    images: schema.ImagesConfig;
    runtime: schema.Runtime;
}

export interface ClusterTopology {
    name: string;
    index: number;
    nodes: number;
    /** Number of demo Deployments. */
    demos: number;
    podSubnet: string;
    serviceSubnet: string;
    /** Limit of each node's container, such as `4GiB`. */
    memory: string;
}

export type NetworkTopology = schema.NetworkConfig & { name: string; cidr: string };

/** The range of the one network that need not state its own. */
const DEFAULT_NETWORK_RANGE = "10.0.0.0/10";

/** Where the docker networks of stacks lie that state no range, and how large each is: 1021 nodes. */
const DEFAULT_BRIDGES = "10.192.0.0/10";
const DEFAULT_BRIDGE_PREFIX = 22;

/** The topology of a valid configuration. */
export function topologyOf(config: StackConfig, owner: Owner): Topology {
    const clusters = [...config.clusters].map(([name, cluster]) => ({
        name,
        index: indexOf(name, cluster)!,
        nodes: cluster.nodes,
        demos: demoCount(config.demo, cluster),
        podSubnet: formatCidr(subnetOf("pods", name, cluster, config.addresses)!),
        serviceSubnet: formatCidr(subnetOf("services", name, cluster, config.addresses)!),
        memory: cluster.memory,
    }));
    const networks = [...config.networks].map(([name, network]) => ({
        ...network,
        name,
        cidr: networkRange(network),
    }));
    return {
        clusters: clusters.sort((a, b) => a.index - b.index),
        networks: networks.sort((a, b) => cidrOf(a.cidr).first - cidrOf(b.cidr).first),
        bridge: { subnet: bridgeSubnet(config.bridge, owner) },
        images: config.images,
        runtime: config.runtime,
    };
}

/** A cluster's index: stated, or the number at the end of its name; undefined if there is neither. */
export function indexOf(name: string, cluster: schema.ClusterConfig): number | undefined {
    return cluster.index ?? trailingNumber(name);
}

export function networkRange(network: schema.NetworkConfig): string {
    return network.cidr ?? DEFAULT_NETWORK_RANGE;
}

export function demoCount(demo: schema.DemoConfig, { nodes }: schema.ClusterConfig): number {
    return demo.deployments ?? Math.max(2, nodes);
}

/** The bridge's range: stated, or one that other stacks on the machine hardly have as well. */
export function bridgeSubnet(bridge: schema.BridgeConfig, { project, stack }: Owner): string {
    if (bridge.subnet !== undefined) return bridge.subnet;
    const all = cidrOf(DEFAULT_BRIDGES);
    const n = hash(project, stack) % blockCount(all, DEFAULT_BRIDGE_PREFIX);
    return formatCidr(nthBlock(all, DEFAULT_BRIDGE_PREFIX, n));
}

/** Whether a pool of primary addresses is the one that a stack has which states none. */
export function isDefaultPool(kind: "pods" | "services", pool: string): boolean {
    return addressesSchema.parse({})[kind] === pool;
}

/**
 * A cluster's primary range: stated, or its block of the pool; undefined if it has no index or the pool no such block.
 */
export function subnetOf(
    kind: "pods" | "services",
    name: string,
    cluster: schema.ClusterConfig,
    addresses: schema.AddressesConfig | undefined,
): Cidr | undefined {
    const stated = kind === "pods" ? cluster.podSubnet : cluster.serviceSubnet;
    if (stated !== undefined) return cidrOf(stated);
    const index = indexOf(name, cluster);
    if (!addresses || index === undefined) return undefined;
    const pool = cidrOf(addresses[kind]);
    return index < blockCount(pool, addresses.clusterPrefix)
        ? nthBlock(pool, addresses.clusterPrefix, index)
        : undefined;
}
