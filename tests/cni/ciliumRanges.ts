import type { Cluster } from "./cluster.ts";

/** What Cilium gave to a node: the range of its pods, and the address of its agent in it. */
export interface Given {
    range: string;
    router: string;
}

interface CiliumNode {
    metadata: { name: string };
    spec: { ipam: { podCIDRs: string[] }; addresses: { type: string; ip: string }[] };
}

/** By node name, as Cilium itself says it. */
export async function ciliumRanges(cluster: Cluster): Promise<Map<string, Given>> {
    const nodes = await cluster.list<CiliumNode>("ciliumnodes");
    return new Map(
        nodes.map(({ metadata, spec: { ipam, addresses } }) => {
            const router = addresses.find(({ type }) => type === "CiliumInternalIP")!.ip;
            return [metadata.name, { range: ipam.podCIDRs[0]!, router }];
        }),
    );
}
