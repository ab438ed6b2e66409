import { cidrOf, lastHost } from "./cidr.ts";
import { PRIMARY } from "./names.ts";
import { isRouted } from "./networkSchema.ts";
import type {
    ClusterPlan,
    DemoAttachment,
    DemoPlan,
    NetworkPlan,
    PodRef,
    Protocol,
    Reachability,
} from "./plan.ts";

/** An overlay without its MTU loses large packets and long transfers only: a small ping does not see that. */
const PROTOCOLS: Record<NetworkPlan["type"] | typeof PRIMARY, Protocol[]> = {
    ptp: ["icmp", "tcp", "udp"],
    bridge: ["icmp", "tcp", "udp"],
    macvlan: ["icmp", "tcp", "udp"],
    cilium: ["icmp", "tcp", "bulk", "udp", "large"],
    [PRIMARY]: ["icmp", "tcp", "udp"],
};

/** A demo pod as others name it, and its networks. */
interface Pod {
    ref: PodRef;
    attachments: Map<string, DemoAttachment>;
}

/** What has to be so for a plan to be right. */
export function expectedReachability(
    networks: NetworkPlan[],
    clusters: ClusterPlan[],
): Reachability {
    const byCluster = clusters.map(({ name: cluster, demos }) =>
        demos.map(({ name: demo, attachments }): Pod => ({
            ref: { cluster, demo },
            attachments: new Map(attachments.map((each) => [each.network, each])),
        })),
    );
    const pods = byCluster.flat();
    const plain = (pod: Pod) => pod.attachments.size === 0;
    return {
        networks: [
            ...networks.map((network) => ({
                name: network.name,
                protocols: PROTOCOLS[network.type],
                slices: slicesOf(network, clusters),
            })),
            ...(pods.some(plain)
                ? [{ name: PRIMARY, protocols: PROTOCOLS[PRIMARY], slices: {} }]
                : []),
        ],
        pairs: [
            ...networks.flatMap((network) => pairsOn(network, byCluster)),
            ...byCluster
                .flatMap((pods) => pairs(pods))
                .filter((pair) => pair.some(plain))
                .map(([from, to]) => ({ from: from.ref, to: to.ref, network: PRIMARY })),
        ],
        free: clusters.flatMap((cluster) =>
            cluster.demos.flatMap((demo, k) => freeAddresses(cluster, demo, k, networks, clusters)),
        ),
        multicast: networks.flatMap((network) => multicast(network, pods)),
    };
}

/** Cilium as an extra network ends with its cluster. */
function pairsOn({ name, type }: NetworkPlan, byCluster: Pod[][]): Reachability["pairs"] {
    const islands = type === "cilium" ? byCluster : [byCluster.flat()];
    return islands
        .flatMap((pods) => pairs(pods.filter(({ attachments }) => attachments.has(name))))
        .map(([from, to]) => ({ from: from.ref, to: to.ref, network: name }));
}

function multicast(network: NetworkPlan, pods: Pod[]): Reachability["multicast"] {
    if (network.type !== "macvlan") return [];
    const { name, group } = network;
    const joined = pods.filter(({ attachments }) => attachments.has(name));
    return pairs(joined).map(([from, to]) => ({
        from: from.ref,
        to: to.ref,
        network: name,
        group,
        member: to.attachments.get(name)!.groups?.includes(group) ?? false,
    }));
}

/** Every pod with every other, in both directions. */
function pairs(pods: Pod[]): [from: Pod, to: Pod][] {
    return pods.flatMap((from) =>
        pods.filter((to) => to !== from).map((to): [Pod, Pod] => [from, to]),
    );
}

/** By node; Cilium's are known only when it runs. */
function slicesOf({ name }: NetworkPlan, clusters: ClusterPlan[]): Record<string, string> {
    return Object.fromEntries(
        clusters.flatMap(({ nodes }) =>
            nodes.flatMap((node) =>
                node.attachments
                    .filter(({ network }) => network === name)
                    .map(({ slice }) => [node.name, slice]),
            ),
        ),
    );
}

/**
 * Of each routed network one: in the next cluster that joins it, at its nodes in turn; with one cluster at its next
 * node, so that a single node has none.
 */
function freeAddresses(
    cluster: ClusterPlan,
    demo: DemoPlan,
    k: number,
    networks: NetworkPlan[],
    clusters: ClusterPlan[],
): Reachability["free"] {
    return demo.attachments.flatMap(({ network: name }) => {
        const network = networks.find((each) => each.name === name)!;
        if (!isRouted(network.type)) return [];
        const names = network.clusters;
        const nextName = names[(names.indexOf(cluster.name) + 1) % names.length]!;
        const next = clusters.find((each) => each.name === nextName)!;
        const node = next.nodes[(next === cluster ? k + 1 : k) % next.nodes.length]!;
        if (node.name === demo.node) return [];
        const { slice } = node.attachments.find((each) => each.network === name)!;
        return {
            from: { cluster: cluster.name, demo: demo.name },
            cluster: next.name,
            node: node.name,
            network: name,
            address: lastHost(cidrOf(slice)),
        };
    });
}
