import { cidrOf, firstHost, formatCidr, nthBlock, type Cidr } from "./cidr.ts";
import { planDemos } from "./demos.ts";
import {
    bridgeDevice,
    bridgeName,
    kindName,
    multicastGroup,
    nodeName,
    type Owner,
} from "./names.ts";
import { isRouted, isSliced } from "./config/networkSchema.ts";
import type { ClusterPlan, NetworkPlan, NodePlan, Plan } from "./plan.ts";
import { expectedMatrix } from "./expectedMatrix.ts";
import type { ClusterTopology, NetworkTopology, Topology } from "./config/topology.ts";

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
    const { name, cidr, mtu, clusters } = network;
    const base = { name, cidr, mtu, clusters };
    switch (network.type) {
        case "ptp":
            return { ...base, type: "ptp", clusterPrefix: network.clusterPrefix };
        case "bridge": {
            const { type, clusterPrefix } = network;
            return { ...base, type, clusterPrefix, device: bridgeDevice(name) };
        }
        case "macvlan": {
            const { type, clusterPrefix, ipam } = network;
            const group = multicastGroup(name);
            return { ...base, type, clusterPrefix, master: "eth0", ipam, group };
        }
        case "cilium": {
            const { type, nodePrefix, values } = network;
            return { ...base, type, nodePrefix, values };
        }
    }
}

function planCluster(
    cluster: ClusterTopology,
    networks: NetworkTopology[],
    owner: Owner,
): ClusterPlan {
    const { name, index, podSubnet, serviceSubnet, memory, primary, kubeProxyMode } = cluster;
    const { calico, cilium } = cluster;
    const kind = kindName(owner, name);
    const joined = networks.filter(({ clusters }) => clusters.includes(name));
    const blocks = joined.flatMap((network) => blockOf(network, index));
    const nodes = Array.from({ length: cluster.nodes }, (_, i) => planNode(kind, i + 1, blocks));
    return {
        name,
        kindName: kind,
        index,
        podSubnet,
        serviceSubnet,
        memory,
        primary,
        kubeProxyMode,
        ...(calico && { calico }),
        ...(cilium && { cilium }),
        networks: joined.map(({ name }, i) => ({ network: name, interface: `net${i + 1}` })),
        nodes,
        demos: planDemos(cluster, nodes, joined),
    };
}

/** A cluster's part of a network, of which each node gets a slice. */
interface Block {
    network: string;
    block: Cidr;
    nodePrefix: number;
    /** Whether nodes have routes to each other's slices. */
    routed: boolean;
}

function blockOf(network: NetworkTopology, index: number): Block[] {
    if (!isSliced(network)) {
        return [];
    }
    const { name, type, cidr, clusterPrefix, nodePrefix } = network;
    const block = nthBlock(cidrOf(cidr), clusterPrefix, index);
    return [{ network: name, block, nodePrefix, routed: isRouted(type) }];
}

function planNode(kind: string, ordinal: number, blocks: Block[]): NodePlan {
    const slices = blocks.map(({ network, block, nodePrefix, routed }) => {
        const slice = nthBlock(block, nodePrefix, ordinal);
        return { network, slice: formatCidr(slice), gateway: firstHost(slice), routed };
    });
    return {
        name: nodeName(kind, ordinal),
        ordinal,
        role: ordinal === 1 ? "control-plane" : "worker",
        attachments: slices.map(({ network, slice, gateway }) => ({ network, slice, gateway })),
        routes: [],
        unreachable: slices.flatMap(({ slice, routed }) => (routed ? [slice] : [])),
    };
}

/** Networks, clusters and nodes are in the order of their addresses, so their routes are as well. */
function addRoutes(clusters: ClusterPlan[], networks: NetworkPlan[]): void {
    const nodes = clusters.flatMap(({ nodes }) => nodes);
    for (const { name: network, type } of networks) {
        if (!isRouted(type)) {
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
