import type { NetworkTopology } from "./networks/networkType.ts";
import { typeOf } from "./networks/types.ts";
import type { DemoAttachment, DemoPlan, NodePlan } from "./plan.ts";
import type { ClusterTopology } from "./config/topology.ts";

/** The demo pods of a cluster, which join its networks, and then the plain ones; on its nodes in turn. */
export function planDemos(
    cluster: ClusterTopology,
    nodes: NodePlan[],
    networks: NetworkTopology[],
): DemoPlan[] {
    const measured = networks.filter((network) => typeOf(network).measured);
    const nodeOf = (i: number) => nodes[i % nodes.length]!;
    return [
        ...Array.from({ length: cluster.demos }, (_, i) => {
            const attachments = measured.map((network) =>
                attachment(network, cluster, nodeOf(i), i),
            );
            const member = attachments.some(({ groups }) => groups !== undefined);
            return { name: `demo${i + 1}`, node: nodeOf(i).name, attachments, member };
        }),
        ...Array.from({ length: cluster.plain }, (_, i) => ({
            name: `plain${i + 1}`,
            node: nodeOf(cluster.demos + i).name,
            attachments: [],
            member: false,
        })),
    ];
}

/** How the i-th demo pod of a cluster, from 0, joins a network. */
function attachment(
    network: NetworkTopology,
    cluster: ClusterTopology,
    node: NodePlan,
    i: number,
): DemoAttachment {
    const { name } = network;
    const slice = node.attachments.find((each) => each.network === name)?.slice;
    if (slice === undefined) {
        return { network: name };
    }
    const type = typeOf(network);
    const address = type.demoAddress?.(network, slice, Math.floor(i / cluster.nodes));
    const group = isMember(network, cluster, i) ? type.group?.(name) : undefined;
    return {
        network: name,
        slice,
        ...(address !== undefined && { address }),
        ...(group !== undefined && { groups: [group] }),
    };
}

/**
 * Demos 1, 3, 5 ... are members of their multicast groups. Where each cluster has one demo only, all are but the last
 * of three or more, so that there is one that must get nothing.
 */
function isMember({ clusters }: NetworkTopology, { name, demos }: ClusterTopology, i: number) {
    return demos > 1 ? i % 2 === 0 : clusters.length < 3 || clusters.at(-1) !== name;
}
