import { hostCount } from "../cidr.ts";
import type { ParsedConfig } from "../config/parsedConfig.ts";
import type { NetworkConfig } from "../networks/networkType.ts";
import { typeOf } from "../networks/types.ts";
import { enumerate, plural, problem, type Problem } from "../problem.ts";
import { demoCount, joins } from "../config/topology.ts";

/** Most demo pods on a node: a kubelet takes 110 pods, an update has each demo twice, and the system needs some. */
const MOST_DEMOS_ON_NODE = 50;

/** Problems of the number of demo pods: too many for a node or its addresses, or too few to prove anything. */
export function demoProblems(parsed: ParsedConfig): Problem[] {
    return [
        ...[...parsed.networks].flatMap(([name, network]) =>
            addressesForDemos(parsed, name, network),
        ),
        ...demosOnNodes(parsed),
        ...nothingToProve(parsed),
    ];
}

/** Pods are on a node twice while they are replaced, unless their address is their own. */
function addressesForDemos(parsed: ParsedConfig, name: string, network: NetworkConfig): Problem[] {
    const type = typeOf(network);
    const { division, reserved } = type;
    const nodePrefix = division.partPrefix(network);
    if (nodePrefix === undefined) {
        return [];
    }
    const hosts = hostCount({ first: 0, prefix: nodePrefix });
    const busiest = busiestCluster(parsed, ({ joined }, cluster) =>
        joins(network, cluster) ? joined : 0,
    );
    if (!busiest || busiest.onNode > MOST_DEMOS_ON_NODE) {
        return [];
    }
    // Of no slice at all the size is not the problem.
    if (division.isPlanned && division.shared(network).nodes < 1) {
        return [];
    }
    const { onNode } = busiest;
    const twice = !type.keepsAddresses?.(network);
    const behind = reserved.behind === undefined ? [] : [reserved.behind];
    const needed = (twice ? 2 : 1) * onNode + 1 + behind.length;
    if (hosts >= needed) {
        return [];
    }
    const longest = 32 - Math.ceil(Math.log2(needed + 2));
    const users = [
        reserved.before,
        plural(onNode, "demo pod"),
        ...(twice ? ["as many while they are replaced"] : []),
        ...behind,
    ];
    return [
        problem(["networks", name, "nodePrefix"], nodePrefix, {
            reason: `A node's ${division.part} of /${nodePrefix} has ${hosts} addresses, but a node of cluster "${busiest.name}" needs ${needed}: ${enumerate(users)}.`,
            fix: `Write at most ${longest}, or fewer demo.deployments.`,
        }),
    ];
}

function demosOnNodes(parsed: ParsedConfig): Problem[] {
    const busiest = busiestCluster(parsed, ({ joined, plain }) => joined + plain);
    if (!busiest || busiest.onNode <= MOST_DEMOS_ON_NODE) {
        return [];
    }
    const { name, onNode, nodes, pods } = busiest;
    const most = MOST_DEMOS_ON_NODE * nodes;
    const key = pods.joined > most ? "deployments" : "plain";
    const limit = most - (key === "plain" ? pods.joined : Math.min(pods.plain, most - 1));
    return [
        problem(["demo", key], parsed.demo![key], {
            reason: `A node of cluster "${name}" would have ${onNode} demo pods; at most ${MOST_DEMOS_ON_NODE} are sure to fit into the 110 pods of a node, since an update has each of them twice.`,
            fix: `Write at most ${limit}, or give the cluster more nodes.`,
        }),
    ];
}

/** Without two pods that share a network the matrix is empty, and everything green. */
function nothingToProve({ clusters, networks, demo }: ParsedConfig): Problem[] {
    if (!demo) {
        return [];
    }
    const measured = [...networks.values()].filter((network) => typeOf(network).measured);
    const members = measured.map((network) => ({
        network,
        pods: [...clusters].flatMap(([name, cluster]) =>
            joins(network, name) ? demoCount(demo, cluster) : [],
        ),
    }));
    const shared = members.some(({ network, pods }) =>
        typeOf(network).reach === "stack"
            ? pods.reduce((sum, n) => sum + n, 0) > 1
            : pods.some((n) => n > 1),
    );
    const primary = [...clusters].some(([name, cluster]) => {
        const plain = members.every(({ network }) => !joins(network, name));
        return demoCount(demo, cluster) + demo.plain > 1 && (plain || demo.plain > 0);
    });
    if (shared || primary || members.some(({ pods }) => pods.length === 0)) {
        return [];
    }
    return [
        problem(["demo", "deployments"], demo.deployments, {
            reason: "No two demo pods share a network, so there is no pair of pods and nothing could be proved.",
            fix: "Write at least 2, or add a cluster.",
        }),
    ];
}

/** Number of a cluster's demo pods that join its networks, and of those that do not. */
interface Pods {
    joined: number;
    plain: number;
}

/** The cluster with the most pods, of those that `count` says, on one node. */
function busiestCluster(
    { clusters, demo }: ParsedConfig,
    count: (pods: Pods, cluster: string) => number,
) {
    if (!demo) {
        return undefined;
    }
    return [...clusters]
        .map(([name, cluster]) => {
            const pods = { joined: demoCount(demo, cluster), plain: demo.plain };
            const { nodes } = cluster;
            return { name, nodes, pods, onNode: Math.ceil(count(pods, name) / nodes) };
        })
        .sort((a, b) => b.onNode - a.onNode)[0];
}
