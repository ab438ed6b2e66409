import { blockCount, cidrOf, hostCount } from "../cidr.ts";
import type { ParsedConfig } from "../config/parsedConfig.ts";
import type { Owner } from "../names.ts";
import type { NetworkConfig } from "../networks/networkType.ts";
import { typeOf } from "../networks/types.ts";
import { plural, problem, type Problem } from "../problem.ts";
import { bridgeSubnet, joins, networkRange, subnetOf } from "../config/topology.ts";

/** Prefix length of the part of a pod subnet that Kubernetes gives each node. */
const NODE_POD_PREFIX = 24;

/** Problems of size: a range in which there is no room for what has to go there. */
export function capacityProblems(parsed: ParsedConfig, owner: Owner): Problem[] {
    const networks = [...parsed.networks];
    return [
        ...networks.flatMap(([name, network]) =>
            typeOf(network).division.problems(name, network, networkRange(network)),
        ),
        ...poolSizes(parsed),
        ...networks.flatMap(([name, network]) => slicesForNodes(parsed, name, network)),
        ...podRangesForNodes(parsed),
        ...bridgeForNodes(parsed, owner),
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

function slicesForNodes(
    { clusters }: ParsedConfig,
    name: string,
    network: NetworkConfig,
): Problem[] {
    const { what, nodes: most, fix } = typeOf(network).division.shared(network);
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
