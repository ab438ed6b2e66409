import { blockCount, cidrOf, formatCidr, nthBlock, type Cidr } from "../cidr.ts";
import type { StackConfig } from "./parsedConfig.ts";
import { hash, trailingNumber, type Owner } from "../names.ts";
import type { NetworkConfig, NetworkTopology } from "../networks/networkType.ts";
import { typeOf } from "../networks/types.ts";
import { primaryOf } from "../primaries/types.ts";
import { DEFAULT_BRIDGES } from "../rules/freeRanges.ts";
import { addressesSchema, settingsOf, settingsSchema } from "./schema.ts";
import type * as schema from "./schema.ts";

/** A stack's configuration, valid and with every default filled in. */
export interface Topology {
    /** By ascending index. */
    clusters: ClusterTopology[];
    /** By ascending range: the order of the pods' interfaces. */
    networks: NetworkTopology[];
    bridge: { subnet: string };
    /** Where clusters have their primary ranges that state none. */
    addresses: schema.AddressesConfig;
    images: schema.ImagesConfig;
    runtime: schema.Runtime;
}

export interface ClusterTopology {
    name: string;
    index: number;
    nodes: number;
    /** Number of demo Deployments that join the extra networks. */
    demos: number;
    /** Number of those that do not. */
    plain: number;
    podSubnet: string;
    serviceSubnet: string;
    /** Limit of each node's container, such as `4GiB`. */
    memory: string;
    primary: schema.ClusterConfig["primary"];
    kubeProxyMode: schema.ClusterConfig["kubeProxyMode"];
    /** Of its own network, with defaults; undefined where there is nothing to set. */
    settings: object | undefined;
}

/** How large the docker network of a stack is that states no range: 1021 nodes. */
const DEFAULT_BRIDGE_PREFIX = 22;

/** The topology of a valid configuration. */
export function topologyOf(config: StackConfig, owner: Owner): Topology {
    const clusters = [...config.clusters]
        .map(([name, cluster]) => ({
            name,
            index: indexOf(name, cluster)!,
            nodes: cluster.nodes,
            demos: demoCount(config.demo, cluster),
            plain: config.demo.plain,
            podSubnet: formatCidr(subnetOf("pods", name, cluster, config.addresses)!),
            serviceSubnet: formatCidr(subnetOf("services", name, cluster, config.addresses)!),
            memory: cluster.memory,
            primary: cluster.primary,
            kubeProxyMode: cluster.kubeProxyMode,
            settings: settingsWithDefaults(cluster),
        }))
        .sort((a, b) => a.index - b.index);
    const networks = [...config.networks].map(([name, network]) => ({
        ...network,
        name,
        cidr: networkRange(network)!,
        clusters: clusters.flatMap(({ name }) => (joins(network, name) ? [name] : [])),
    }));
    return {
        clusters,
        networks: networks.sort((a, b) => cidrOf(a.cidr).first - cidrOf(b.cidr).first),
        bridge: { subnet: bridgeSubnet(config.bridge, owner) },
        addresses: config.addresses,
        images: config.images,
        runtime: config.runtime,
    };
}

/** A cluster's index: stated, or the number at the end of its name; undefined if there is neither. */
export function indexOf(name: string, cluster: schema.ClusterConfig): number | undefined {
    return cluster.index ?? trailingNumber(name);
}

function settingsWithDefaults(cluster: schema.ClusterConfig): object | undefined {
    const type = primaryOf(cluster);
    return settingsOf(cluster, type) ?? settingsSchema(type)?.parse({});
}

/** A network's range: stated, or the default if it is of a type that has one. */
export function networkRange(network: NetworkConfig): string | undefined {
    return network.cidr ?? typeOf(network).defaultRange;
}

/** Whether the cluster of that name joins the network. */
export function joins({ clusters }: NetworkConfig, cluster: string): boolean {
    return clusters === undefined || clusters.includes(cluster);
}

export function demoCount(demo: schema.DemoConfig, { nodes }: schema.ClusterConfig): number {
    return demo.deployments ?? Math.max(2, nodes);
}

/** The bridge's range: stated, or one that other stacks on the machine hardly have as well. */
export function bridgeSubnet(bridge: schema.BridgeConfig, { project, stack }: Owner): string {
    if (bridge.subnet !== undefined) {
        return bridge.subnet;
    }
    const n = hash(project, stack) % blockCount(DEFAULT_BRIDGES, DEFAULT_BRIDGE_PREFIX);
    return formatCidr(nthBlock(DEFAULT_BRIDGES, DEFAULT_BRIDGE_PREFIX, n));
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
    if (stated !== undefined) {
        return cidrOf(stated);
    }
    const index = indexOf(name, cluster);
    if (!addresses || index === undefined) {
        return undefined;
    }
    const pool = cidrOf(addresses[kind]);
    return index < blockCount(pool, addresses.clusterPrefix)
        ? nthBlock(pool, addresses.clusterPrefix, index)
        : undefined;
}
