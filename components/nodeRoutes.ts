import type * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { Cluster } from "./cluster.ts";
import { ptpConflist } from "./conflist.ts";
import { release } from "./release.ts";
import type { NetworkPlan } from "./topology/plan.ts";

export interface NodeRoutesArgs {
    cluster: Cluster;
    networks: NetworkPlan[];
    image: pulumi.Input<string>;
}

/**
 * The node data plane of a cluster: an agent on every node that keeps the node's CNI files, its routes to all other
 * slices and the exemption from the primary network's masquerade equal to the plan. Ready means that the kernel agrees
 * with the plan and Multus serves the node.
 */
export class NodeRoutes extends pulumi.ComponentResource {
    readonly release: k8s.helm.v3.Release;

    constructor(name: string, args: NodeRoutesArgs, opts?: pulumi.ComponentResourceOptions) {
        super("multinet:components:NodeRoutes", name, { networks: args.networks }, opts);
        this.release = release(
            `${name}-release`,
            {
                cluster: args.cluster,
                release: "node-routes",
                namespace: "kube-system",
                values: {
                    image: args.image,
                    networks: args.networks.map(({ name, cidr }) => ({ name, cidr })),
                    nodes: nodeTables(args.cluster.plan.nodes, args.networks),
                },
            },
            args.cluster.inside(this),
        );
        this.registerOutputs({});
    }
}

type Node = Cluster["plan"]["nodes"][number];

function nodeTables(nodes: Node[], networks: NetworkPlan[]): pulumi.Inputs {
    return Object.fromEntries(
        nodes.map((node) => [
            node.name,
            {
                attachments: node.attachments.map((attachment) => ({
                    ...attachment,
                    conflist: ptpConflist(
                        networks.find(({ name }) => name === attachment.network)!,
                        attachment,
                    ),
                })),
                routes: node.routes,
                // The networks as a whole, too: what belongs to no slice must not leave by the default route.
                unreachable: [...node.unreachable, ...networks.map(({ cidr }) => cidr)],
            },
        ]),
    );
}
