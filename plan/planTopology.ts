import { cidrOf, firstHost, formatCidr } from "./cidr.ts";
import { planDemos } from "./demos.ts";
import { bridgeName, kindName, nodeName, type Owner } from "./names.ts";
import type { NetworkTopology } from "./networks/networkType.ts";
import { typeOf } from "./networks/types.ts";
import type { ClusterPlan, NetworkPlan, NodePlan, Plan } from "./plan.ts";
import { expectedMatrix } from "./expectedMatrix.ts";
import type { ClusterTopology, Topology } from "./config/topology.ts";

export function planTopology(topology: Topology, owner: Owner): Plan {
    const networks = topology.networks.map(planNetwork);
    const clusters = topology.clusters.map((cluster) =>
        planCluster(cluster, topology.networks, owner),
    );
    addRoutes(clusters, networks);
    return {
        ...owner,
        bridge: {
            name: bridgeName(owner),
            subnet: topology.bridge.subnet,
            gateway: firstHost(cidrOf(topology.bridge.subnet)),
        },
        networks,
        clusters,
        get reachability() {
            return expectedMatrix(networks, clusters);
        },
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
): ClusterPlan {
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

/** Networks, clusters and nodes are in the order of their addresses, so their routes are as well. */
function addRoutes(clusters: ClusterPlan[], networks: NetworkPlan[]): void {
    const nodes = clusters.flatMap(({ nodes }) => nodes);
    for (const planned of networks) {
        const network = planned.name;
        if (!typeOf(planned).routed) {
            continue;
        }
        const joined = nodes.flatMap((node) => {
            const slice = node.attachments.find((each) => each.network === network)?.slice;
            return slice === undefined ? [] : [{ node, dst: slice }];
        });
        const all = joined.map(({ node, dst }) => ({ dst, via: node.name, network }));
        for (const { node } of joined) {
            node.routes.push(...all.filter(({ via }) => via !== node.name));
        }
    }
}
