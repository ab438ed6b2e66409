import { agentPlan } from "./agentPlan.ts";
import { cidrOf, firstHost, formatCidr } from "./cidr.ts";
import { planDemos } from "./demos.ts";
import { bridgeName, kindName, nodeName, type Owner } from "./names.ts";
import type { NetworkTopology } from "./networks/networkType.ts";
import { typeOf } from "./networks/types.ts";
import type { ClusterPlan, NetworkPlan, NodePlan, Plan, Route } from "./plan.ts";
import { expectedMatrix } from "./expectedMatrix.ts";
import type { ClusterTopology, Topology } from "./config/topology.ts";

export function planTopology(topology: Topology, owner: Owner): Plan {
    const networks = topology.networks.map(planNetwork);
    const { subnet } = topology.bridge;
    const drafts = topology.clusters.map((cluster) =>
        planCluster(cluster, topology.networks, owner),
    );
    const routes = routesOf(drafts, networks);
    const clusters = drafts.map((cluster) => {
        const nodes = cluster.nodes.map((node) => ({ ...node, routes: routes.get(node.name)! }));
        const joined = networks.filter(({ clusters }) => clusters.includes(cluster.name));
        return { ...cluster, nodes, agents: agentPlan(subnet, joined, nodes) };
    });
    return {
        ...owner,
        bridge: { name: bridgeName(owner), subnet, gateway: firstHost(cidrOf(subnet)) },
        networks,
        clusters,
        reachability: expectedMatrix(networks, clusters),
    };
}

function planNetwork(network: NetworkTopology): NetworkPlan {
    const { name, cidr, mtu, clusters, type } = network;
    return {
        name,
        cidr,
        ...(mtu !== undefined && { mtu }),
        clusters,
        type,
        ...typeOf(network).plan(network),
    };
}

function planCluster(
    cluster: ClusterTopology,
    networks: NetworkTopology[],
    owner: Owner,
): Omit<ClusterPlan, "agents"> {
    const { name, index, podSubnet, serviceSubnet, memory, primary, kubeProxyMode } = cluster;
    const { settings } = cluster;
    const kind = kindName(owner, name);
    // Those of the demo pods first: their interfaces are counted by them.
    const joined = networks
        .filter(({ clusters }) => clusters.includes(name))
        .toSorted((a, b) => Number(typeOf(b).measured) - Number(typeOf(a).measured));
    const nodes = Array.from({ length: cluster.nodes }, (_, i) =>
        planNode(nodeName(kind, i + 1), index, i + 1, joined),
    );
    return {
        name,
        kindName: kind,
        index,
        podSubnet,
        serviceSubnet,
        memory,
        primary,
        kubeProxyMode,
        ...(settings && { settings }),
        networks: joined.map(({ name }, i) => ({ network: name, interface: `net${i + 1}` })),
        nodes,
        demos: planDemos(cluster, nodes, joined),
    };
}

function planNode(
    name: string,
    index: number,
    ordinal: number,
    networks: NetworkTopology[],
): NodePlan {
    const slices = networks.flatMap((network) => {
        const { division, routed } = typeOf(network);
        const slice = division.partOf(network, index, ordinal);
        if (!slice) {
            return [];
        }
        const attachment = {
            network: network.name,
            slice: formatCidr(slice),
            gateway: firstHost(slice),
        };
        return [{ attachment, routed }];
    });
    return {
        name,
        ordinal,
        role: ordinal === 1 ? "control-plane" : "worker",
        attachments: slices.map(({ attachment }) => attachment),
        routes: [],
        unreachable: slices.flatMap(({ attachment, routed }) => (routed ? attachment.slice : [])),
    };
}

/** By node: to every slice of every other node, of routed networks that both join; in the order of their addresses. */
function routesOf(
    clusters: Pick<ClusterPlan, "nodes">[],
    networks: NetworkPlan[],
): Map<string, Route[]> {
    const nodes = clusters.flatMap(({ nodes }) => nodes);
    const routes = new Map(nodes.map(({ name }) => [name, [] as Route[]]));
    for (const network of networks.filter((each) => typeOf(each).routed)) {
        const all = nodes.flatMap(({ name: via, attachments }) =>
            attachments
                .filter((each) => each.network === network.name)
                .map(({ slice }): Route => ({ dst: slice, via, network: network.name })),
        );
        for (const { via: name } of all) {
            routes.get(name)!.push(...all.filter(({ via }) => via !== name));
        }
    }
    return routes;
}
