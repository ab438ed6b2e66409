import { cidrOf, lastHost } from "./cidr.ts";
import { PRIMARY } from "./names.ts";
import { typeOf } from "./networks/types.ts";
import { allPairs, chosenPairs, MOST_PAIRS } from "./pairs.ts";
import { scopeOf } from "./scope.ts";
import type {
    ClusterPlan,
    DemoAttachment,
    DemoPlan,
    NetworkPlan,
    PodRef,
    ExpectedMatrix,
    MatrixNetwork,
} from "./plan.ts";

/**
 * What each pair is asked; provider/matrix/probes.ts says what each of them is. A lower MTU somewhere loses large packets
 * and long transfers only: a small ping does not see that.
 */
export const PROTOCOLS = ["icmp", "tcp", "bulk", "udp", "large"] as const;

/** A demo pod as others name it, its node and its networks. */
interface Pod {
    ref: PodRef;
    node: string;
    attachments: Map<string, DemoAttachment>;
}

/** Pods that all reach each other over a network. */
interface Domain {
    network: string;
    pods: Pod[];
    /** Which pairs are of interest. */
    of?: (pair: Pod[]) => boolean;
}

/** What must be so for a plan to be right. */
export function expectedMatrix(networks: NetworkPlan[], clusters: ClusterPlan[]): ExpectedMatrix {
    const byCluster = clusters.map(({ name: cluster, demos }) =>
        demos.map(({ name: demo, node, attachments }): Pod => ({
            ref: { cluster, demo },
            node,
            attachments: new Map(attachments.map((each) => [each.network, each])),
        })),
    );
    const domains = [
        ...networks.flatMap((network) => domainsOf(network, byCluster)),
        ...byCluster
            .filter((pods) => pods.some(isPlain))
            .map((pods) => ({ network: PRIMARY, pods, of: (pair: Pod[]) => pair.some(isPlain) })),
    ];
    const total = domains.reduce((sum, domain) => sum + sizeOf(domain), 0);
    const asked = domains.flatMap((domain) =>
        pairsOf(domain, total).map(([from, to]) => ({ from, to, network: domain.network })),
    );
    return {
        networks: [
            ...networks
                .filter((network) => typeOf(network).measured)
                .map((network) => networkOf(network, clusters)),
            ...(domains.some(({ network }) => network === PRIMARY)
                ? [{ name: PRIMARY, protocols: [...PROTOCOLS], slices: {} }]
                : []),
        ],
        pairs: asked.map(({ from, to, network }) => ({ from: from.ref, to: to.ref, network })),
        free: clusters.flatMap((cluster) =>
            cluster.demos.flatMap((demo, k) => freeAddresses(cluster, demo, k, networks, clusters)),
        ),
        multicast: networks.flatMap((network) => multicast(network, asked)),
        unique: networks.flatMap((network) => unique(network, byCluster.flat())),
        scope: scopeOf({ asked: asked.length, total, networks, clusters }),
    };
}

function isPlain({ attachments }: Pod): boolean {
    return attachments.size === 0;
}

function domainsOf(network: NetworkPlan, byCluster: Pod[][]): Domain[] {
    const { name } = network;
    const islands = typeOf(network).reach === "cluster" ? byCluster : [byCluster.flat()];
    return islands.map((pods) => ({
        network: name,
        pods: pods.filter(({ attachments }) => attachments.has(name)),
    }));
}

/** How many pairs there are, without a list of them. */
function sizeOf({ pods, of }: Domain): number {
    const square = (n: number) => n * (n - 1);
    return square(pods.length) - (of ? square(pods.filter((pod) => !of([pod])).length) : 0);
}

function pairsOf({ pods, of }: Domain, total: number): [from: Pod, to: Pod][] {
    return total > MOST_PAIRS ? chosenPairs(pods) : allPairs(pods).filter(of ?? (() => true));
}

function networkOf(network: NetworkPlan, clusters: ClusterPlan[]): MatrixNetwork {
    const { name, mtu } = network;
    return {
        name,
        protocols: [...PROTOCOLS],
        slices: slicesOf(network, clusters),
        ...(mtu !== undefined && { mtu }),
        ...(typeOf(network).overlay && { overlay: true }),
    };
}

function multicast(
    network: NetworkPlan,
    asked: { from: Pod; to: Pod; network: string }[],
): ExpectedMatrix["multicast"] {
    const { name } = network;
    const group = typeOf(network).group?.(name);
    if (group === undefined) {
        return [];
    }
    return asked
        .filter((pair) => pair.network === name)
        .map(({ from, to }) => ({
            from: from.ref,
            to: to.ref,
            network: name,
            group,
            member: to.attachments.get(name)!.groups?.includes(group) ?? false,
        }));
}

/** Where pods find each other by ARP. */
function unique(network: NetworkPlan, pods: Pod[]): ExpectedMatrix["unique"] {
    const { name } = network;
    return pods
        .filter(({ attachments }) => typeOf(network).layer2 && attachments.has(name))
        .map(({ ref }) => ({ pod: ref, network: name }));
}

/** By node, where the plan decides them. */
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
): ExpectedMatrix["free"] {
    return demo.attachments.flatMap(({ network: name }) => {
        const network = networks.find((each) => each.name === name)!;
        if (!typeOf(network).routed) {
            return [];
        }
        const names = network.clusters;
        const nextName = names[(names.indexOf(cluster.name) + 1) % names.length]!;
        const next = clusters.find((each) => each.name === nextName)!;
        const node = next.nodes[(next === cluster ? k + 1 : k) % next.nodes.length]!;
        if (node.name === demo.node) {
            return [];
        }
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
