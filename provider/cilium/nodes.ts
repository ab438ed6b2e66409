import type { KubeApi } from "../kube/api.ts";

/** What Cilium gave to a node: the range of its pods' addresses, and the agent's own address in it. */
export type NodeRange = { range: string; router: string };

/** How far Cilium is on one node. */
export type NodeState = { node: string } & ({ given: NodeRange } | { lacks: string; fix: string });

/** Which nodes, and how to ask for them by hand. */
export interface Where {
    nodes: string[];
    namespace: string;
    kubeconfigPath: string;
}

interface Node {
    metadata: { name: string };
    spec?: {
        ipam?: { podCIDRs?: string[] };
        addresses?: { type?: string; ip?: string }[];
    };
}

interface AgentPod {
    metadata: { deletionTimestamp?: string };
    spec: { nodeName?: string };
    status: { conditions?: { type: string; status: string }[] };
}

const NODES = "/apis/cilium.io/v2/ciliumnodes";
const AGENT = "k8s-app=cilium";

export async function nodeStates(api: KubeApi, where: Where): Promise<NodeState[]> {
    const selector = encodeURIComponent(AGENT);
    const [nodes, agents] = await Promise.all([
        // Before Cilium's operator has registered the kind, there is no such list.
        api.get<{ items: Node[] }>(NODES),
        api.get<{ items: AgentPod[] }>(
            `/api/v1/namespaces/${where.namespace}/pods?labelSelector=${selector}`,
        ),
    ]);
    const ready = new Set((agents?.items ?? []).filter(isReady).map(({ spec }) => spec.nodeName));
    return where.nodes.map((name) => {
        const node = nodes?.items.find(({ metadata }) => metadata.name === name);
        return { node: name, ...stateOf(name, node, ready.has(name), where) };
    });
}

/** The ranges of those nodes that have theirs, by node. */
export function rangesOf(states: NodeState[]): Record<string, NodeRange> {
    const given = states.flatMap((state) => ("given" in state ? [[state.node, state.given]] : []));
    return Object.fromEntries(given) as Record<string, NodeRange>;
}

/** What is missing is said in the order of cause and effect: without a range no agent becomes ready. */
function stateOf(
    name: string,
    node: Node | undefined,
    ready: boolean,
    { namespace, kubeconfigPath }: Where,
): { given: NodeRange } | { lacks: string; fix: string } {
    const kubectl = `kubectl --kubeconfig ${kubeconfigPath} -n ${namespace}`;
    const range = node?.spec?.ipam?.podCIDRs?.[0];
    const router = node?.spec?.addresses?.find(
        ({ type, ip }) => type === "CiliumInternalIP" && ip?.includes("."),
    )?.ip;
    if (node && range === undefined) {
        return {
            lacks: "range (CiliumNode spec.ipam.podCIDRs)",
            fix: `Cilium's operator hands them out; is it well, and the pool big enough? ${kubectl} logs deployment/cilium-operator`,
        };
    }
    if (!ready) {
        return {
            lacks: "agent that is ready",
            fix: `what does it wait for? ${kubectl} describe pods -l ${AGENT} --field-selector spec.nodeName=${name}`,
        };
    }
    const agentSays = `the node's agent writes it; what does it say? ${kubectl} logs -l ${AGENT} --tail=50`;
    if (range === undefined) {
        return { lacks: "CiliumNode", fix: agentSays };
    }
    return router === undefined
        ? { lacks: "router address (CiliumInternalIP of its CiliumNode)", fix: agentSays }
        : { given: { range, router } };
}

function isReady({ metadata, status }: AgentPod): boolean {
    const condition = status.conditions?.find(({ type }) => type === "Ready");
    return condition?.status === "True" && !metadata.deletionTimestamp;
}
