import { blockCount, cidrOf, hostCount } from "./cidr.ts";
import type { Draft } from "./draft.ts";
import type { Owner } from "./names.ts";
import { plural, problem, type Problem } from "./problem.ts";
import type { NetworkConfig } from "./schema.ts";
import { bridgeSubnet, demoCount, networkRange, subnetOf } from "./topology.ts";

/** Most demo pods on a node: a kubelet takes 110 pods, an update has each demo twice, and the system needs some. */
const MOST_DEMOS_ON_NODE = 50;

/** Prefix length of the part of a pod subnet that Kubernetes gives each node. */
const NODE_POD_PREFIX = 24;

/** Faults of size: a range in which there is no room for what has to go there. */
export function roomProblems(draft: Draft, owner: Owner): Problem[] {
    const networks = [...draft.networks];
    return [
        ...networks.flatMap(([name, network]) => blockSizes(name, network)),
        ...poolSizes(draft),
        ...networks.flatMap(([name, network]) => [
            ...slicesForNodes(draft, name, network),
            ...addressesForDemos(draft, name, network),
        ]),
        ...podRangesForNodes(draft),
        ...demosOnNodes(draft),
        ...bridgeForNodes(draft, owner),
    ];
}

function blockSizes(name: string, network: NetworkConfig): Problem[] {
    const { clusterPrefix, nodePrefix } = network;
    const range = networkRange(network);
    const problems: Problem[] = [];
    if (clusterPrefix < cidrOf(range).prefix) {
        problems.push(
            problem(["networks", name, "clusterPrefix"], clusterPrefix, {
                reason: `A cluster's block of /${clusterPrefix} is larger than the whole network, ${range}.`,
                remedy: `Write a prefix length above ${cidrOf(range).prefix}, or a larger cidr.`,
            }),
        );
    }
    if (nodePrefix <= clusterPrefix) {
        problems.push(
            problem(["networks", name, "nodePrefix"], nodePrefix, {
                reason: `A node's slice of /${nodePrefix} is no part of a cluster's block of /${clusterPrefix}: a longer prefix is a smaller range.`,
                remedy: `Write a nodePrefix above ${clusterPrefix}, or a shorter clusterPrefix.`,
            }),
        );
    }
    return problems;
}

function poolSizes({ addresses }: Draft): Problem[] {
    if (!addresses) return [];
    return (["pods", "services"] as const)
        .filter((pool) => blockCount(cidrOf(addresses[pool]), addresses.clusterPrefix) === 0)
        .map((pool) =>
            problem(["addresses", pool], addresses[pool], {
                reason: `The whole range is smaller than what each cluster gets of it, a /${addresses.clusterPrefix}.`,
                remedy: "Write a larger range, or a longer addresses.clusterPrefix.",
            }),
        );
}

/** Slice 0 of a block stays unused, so that slice j belongs to the j-th node. */
function slicesForNodes({ clusters }: Draft, name: string, network: NetworkConfig): Problem[] {
    const slices = 2 ** (network.nodePrefix - network.clusterPrefix) - 1;
    return [...clusters]
        .filter(([, { nodes }]) => slices > 0 && nodes > slices)
        .map(([cluster, { nodes }]) =>
            problem(["clusters", cluster, "nodes"], nodes, {
                reason: `In network "${name}" a cluster's block of /${network.clusterPrefix} has slices of /${network.nodePrefix} for ${plural(slices, "node")} only.`,
                remedy: `Take at most ${plural(slices, "node")}, or give the network a shorter clusterPrefix or a longer nodePrefix.`,
            }),
        );
}

/**
 * A slice has the gateway, every demo pod of the node (twice while it is replaced), and one address that stays free
 * for the proof that nobody answers there.
 */
function addressesForDemos(draft: Draft, name: string, network: NetworkConfig): Problem[] {
    const { nodePrefix, clusterPrefix } = network;
    const hosts = hostCount({ first: 0, prefix: nodePrefix });
    const busiest = busiestCluster(draft);
    if (!busiest || nodePrefix <= clusterPrefix || busiest.onNode > MOST_DEMOS_ON_NODE) return [];
    const needed = 2 * busiest.onNode + 2;
    if (hosts >= needed) return [];
    const longest = 32 - Math.ceil(Math.log2(needed + 2));
    return [
        problem(["networks", name, "nodePrefix"], nodePrefix, {
            reason: `A node's slice of /${nodePrefix} has ${hosts} addresses, but a node of cluster "${busiest.name}" needs ${needed}: the gateway, ${plural(busiest.onNode, "demo pod")}, as many while they are replaced, and one that stays free.`,
            remedy: `Write at most ${longest}, or fewer demo.deployments.`,
        }),
    ];
}

function demosOnNodes(draft: Draft): Problem[] {
    const { clusters, demo } = draft;
    const busiest = busiestCluster(draft);
    if (!demo || !busiest) return [];
    const total = [...clusters.values()].reduce((sum, each) => sum + demoCount(demo, each), 0);
    if (total < 2) {
        return [
            problem(["demo", "deployments"], demo.deployments, {
                reason: "With one demo pod in all there is no pair of pods, so nothing could be proved.",
                remedy: "Write at least 2, or add a cluster.",
            }),
        ];
    }
    if (busiest.onNode <= MOST_DEMOS_ON_NODE) return [];
    return [
        problem(["demo", "deployments"], demo.deployments, {
            reason: `A node of cluster "${busiest.name}" would have ${busiest.onNode} demo pods; at most ${MOST_DEMOS_ON_NODE} are sure to fit into the 110 pods of a node, since an update has each of them twice.`,
            remedy: `Write at most ${MOST_DEMOS_ON_NODE * busiest.nodes}, or give the cluster more nodes.`,
        }),
    ];
}

/** The cluster with the most demo pods on one node. */
function busiestCluster({ clusters, demo }: Draft) {
    if (!demo) return undefined;
    return [...clusters]
        .map(([name, cluster]) => ({
            name,
            nodes: cluster.nodes,
            onNode: Math.ceil(demoCount(demo, cluster) / cluster.nodes),
        }))
        .sort((a, b) => b.onNode - a.onNode)[0];
}

function podRangesForNodes({ clusters, addresses }: Draft): Problem[] {
    return [...clusters].flatMap(([name, cluster]) => {
        const subnet = subnetOf("pods", name, cluster, addresses);
        const room = subnet && blockCount(subnet, NODE_POD_PREFIX);
        if (room === undefined || cluster.nodes <= room) return [];
        return problem(["clusters", name, "nodes"], cluster.nodes, {
            reason: `The cluster's pod subnet of /${subnet!.prefix} has room for ${plural(room, "node")} only: Kubernetes gives each node a /${NODE_POD_PREFIX} of it.`,
            remedy: `Take at most ${plural(room, "node")}, or a larger ${cluster.podSubnet === undefined ? "block (addresses.clusterPrefix)" : "podSubnet"}.`,
        });
    });
}

/** The bridge's first host is the gateway, every other can be a node. */
function bridgeForNodes({ clusters, bridge }: Draft, owner: Owner): Problem[] {
    if (!bridge) return [];
    const subnet = bridgeSubnet(bridge, owner);
    const nodes = [...clusters.values()].reduce((sum, cluster) => sum + cluster.nodes, 0);
    const room = Math.max(0, hostCount(cidrOf(subnet)) - 1);
    if (nodes <= room) return [];
    return [
        problem(["bridge", "subnet"], bridge.subnet, {
            reason: `The docker network of the stack, ${subnet}, has room for ${plural(room, "node")} besides its gateway, but the clusters have ${nodes} in all.`,
            remedy: `Write a range with a prefix length of at most ${32 - Math.ceil(Math.log2(nodes + 3))}.`,
        }),
    ];
}
