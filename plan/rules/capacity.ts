import { blockCount, cidrOf, hostCount } from "../cidr.ts";
import type { ParsedConfig } from "../config/parsedConfig.ts";
import type { Owner } from "../names.ts";
import {
    isSliced,
    type CiliumConfig,
    type NetworkConfig,
    type SlicedConfig,
} from "../config/networkSchema.ts";
import { plural, problem, type Problem } from "../problem.ts";
import { bridgeSubnet, joins, networkRange, subnetOf } from "../config/topology.ts";

/** Prefix length of the part of a pod subnet that Kubernetes gives each node. */
const NODE_POD_PREFIX = 24;

/** Problems of size: a range in which there is no room for what has to go there. */
export function capacityProblems(parsed: ParsedConfig, owner: Owner): Problem[] {
    const networks = [...parsed.networks];
    return [
        ...networks.flatMap(([name, network]) =>
            isSliced(network) ? blockSizes(name, network) : poolSize(name, network),
        ),
        ...poolSizes(parsed),
        ...networks.flatMap(([name, network]) => slicesForNodes(parsed, name, network)),
        ...podRangesForNodes(parsed),
        ...bridgeForNodes(parsed, owner),
    ];
}

function blockSizes(name: string, network: SlicedConfig): Problem[] {
    const { clusterPrefix, nodePrefix } = network;
    const range = networkRange(network);
    const problems: Problem[] = [];
    if (range !== undefined && clusterPrefix < cidrOf(range).prefix) {
        problems.push(
            problem(["networks", name, "clusterPrefix"], clusterPrefix, {
                reason: `A cluster's block of /${clusterPrefix} is larger than the whole network, ${range}.`,
                fix: `Write a prefix length above ${cidrOf(range).prefix}, or a larger cidr.`,
            }),
        );
    }
    if (nodePrefix <= clusterPrefix) {
        problems.push(
            problem(["networks", name, "nodePrefix"], nodePrefix, {
                reason: `A node's slice of /${nodePrefix} is no part of a cluster's block of /${clusterPrefix}: a longer prefix is a smaller range.`,
                fix: `Write a nodePrefix above ${clusterPrefix}, or a shorter clusterPrefix.`,
            }),
        );
    }
    return problems;
}

function poolSize(name: string, { cidr, nodePrefix }: CiliumConfig): Problem[] {
    if (cidr === undefined || nodePrefix > cidrOf(cidr).prefix) {
        return [];
    }
    return [
        problem(["networks", name, "nodePrefix"], nodePrefix, {
            reason: `A node's range of /${nodePrefix} is no part of the whole network, ${cidr}: a longer prefix is a smaller range.`,
            fix: `Write a nodePrefix above ${cidrOf(cidr).prefix}, or a larger cidr.`,
        }),
    ];
}

function poolSizes({ addresses }: ParsedConfig): Problem[] {
    if (!addresses) {
        return [];
    }
    return (["pods", "services"] as const)
        .filter((pool) => blockCount(cidrOf(addresses[pool]), addresses.clusterPrefix) === 0)
        .map((pool) =>
            problem(["addresses", pool], addresses[pool], {
                reason: `The whole range is smaller than what each cluster gets of it, a /${addresses.clusterPrefix}.`,
                fix: "Write a larger range, or a longer addresses.clusterPrefix.",
            }),
        );
}

/** What of a network a cluster's nodes share: its block, of which slice 0 stays unused; with Cilium the whole pool. */
function shared(network: NetworkConfig) {
    const { nodePrefix } = network;
    if (isSliced(network)) {
        const prefix = network.clusterPrefix;
        return {
            what: `a cluster's block of /${prefix} has slices of /${nodePrefix}`,
            nodes: 2 ** (nodePrefix - prefix) - 1,
            fix: "give the network a shorter clusterPrefix or a longer nodePrefix",
        };
    }
    return {
        what: `the pool has ranges of /${nodePrefix}`,
        nodes: network.cidr === undefined ? 0 : blockCount(cidrOf(network.cidr), nodePrefix),
        fix: "give the network a larger cidr or a longer nodePrefix",
    };
}

function slicesForNodes(
    { clusters }: ParsedConfig,
    name: string,
    network: NetworkConfig,
): Problem[] {
    const { what, nodes: most, fix } = shared(network);
    return [...clusters]
        .filter(([cluster, { nodes }]) => joins(network, cluster) && most >= 1 && nodes > most)
        .map(([cluster, { nodes }]) =>
            problem(["clusters", cluster, "nodes"], nodes, {
                reason: `In network "${name}" ${what} for ${plural(most, "node")} only.`,
                fix: `Take at most ${plural(most, "node")}, or ${fix}.`,
            }),
        );
}

function podRangesForNodes({ clusters, addresses }: ParsedConfig): Problem[] {
    return [...clusters].flatMap(([name, cluster]) => {
        const subnet = subnetOf("pods", name, cluster, addresses);
        const most = subnet && blockCount(subnet, NODE_POD_PREFIX);
        if (most === undefined || cluster.nodes <= most) {
            return [];
        }
        return problem(["clusters", name, "nodes"], cluster.nodes, {
            reason: `The cluster's pod subnet of /${subnet!.prefix} has room for ${plural(most, "node")} only: Kubernetes gives each node a /${NODE_POD_PREFIX} of it.`,
            fix: `Take at most ${plural(most, "node")}, or a larger ${cluster.podSubnet === undefined ? "block (addresses.clusterPrefix)" : "podSubnet"}.`,
        });
    });
}

/** The bridge's first host is the gateway, every other can be a node. */
function bridgeForNodes({ clusters, bridge }: ParsedConfig, owner: Owner): Problem[] {
    if (!bridge) {
        return [];
    }
    const subnet = bridgeSubnet(bridge, owner);
    const nodes = [...clusters.values()].reduce((sum, cluster) => sum + cluster.nodes, 0);
    const most = Math.max(0, hostCount(cidrOf(subnet)) - 1);
    if (nodes <= most) {
        return [];
    }
    return [
        problem(["bridge", "subnet"], bridge.subnet, {
            reason: `The docker network of the stack, ${subnet}, has room for ${plural(most, "node")} besides its gateway, but the clusters have ${nodes} in all.`,
            fix: `Write a range with a prefix length of at most ${32 - Math.ceil(Math.log2(nodes + 3))}.`,
        }),
    ];
}
