import * as pulumi from "@pulumi/pulumi";
import { Rollout } from "../provider/sdk.ts";
import type { Cluster } from "./cluster.ts";
import { conflist } from "./conflist.ts";
import { release } from "./release.ts";
import type { NetworkPlan, NodePlan } from "./topology/plan.ts";

export interface NodeRoutesArgs {
    cluster: Cluster;
    /** Those that the cluster joins. */
    networks: NetworkPlan[];
    image: pulumi.Input<string>;
    /** File name of the primary network's CNI configuration, of which Multus keeps a copy. */
    primaryConf: string;
    /** What brings the primary network. */
    after: pulumi.Resource[];
}

/**
 * The node data plane of a cluster: an agent on every node that keeps the node's CNI files and plugins, the copy that
 * Multus has of the primary network's file, its routes to all other slices and the exemption from the primary network's
 * masquerade equal to the plan. Ready means that the kernel agrees with the plan and Multus serves the node.
 */
export class NodeRoutes extends pulumi.ComponentResource {
    constructor(name: string, args: NodeRoutesArgs, opts?: pulumi.ComponentResourceOptions) {
        super("multinet:components:NodeRoutes", name, { networks: args.networks }, opts);
        const { cluster } = args;
        const namespace = "kube-system";
        const agents = release(
            `${name}-release`,
            {
                cluster,
                release: "node-routes",
                namespace,
                values: {
                    image: args.image,
                    primaryConf: args.primaryConf,
                    networks: routed(args.networks).map(({ name, cidr }) => ({ name, cidr })),
                    nodes: Object.fromEntries(
                        cluster.plan.nodes.map((node) => [
                            node.name,
                            nodeTable(node, args.networks),
                        ]),
                    ),
                },
                skipAwait: true,
            },
            cluster.inside(this, args.after),
        );
        new Rollout(
            `${name}-rollout`,
            {
                kubeconfigPath: cluster.kubeconfigPath,
                ca: cluster.identity,
                namespace,
                daemonSet: "node-routes",
                revision: agents.status.revision,
            },
            { parent: this },
        );
        this.registerOutputs({});
    }
}

function nodeTable(node: NodePlan, networks: NetworkPlan[]): pulumi.Inputs {
    return {
        attachments: networks.map((network) => {
            const slice = node.attachments.find((each) => each.network === network.name);
            return { ...slice, network: network.name, conflist: conflist(network, slice) };
        }),
        routes: node.routes,
        // The networks as a whole, too: what belongs to no slice must not leave by the default route.
        unreachable: [...node.unreachable, ...routed(networks).map(({ cidr }) => cidr)],
    };
}

/** Those whose packets nodes pass on; the others stay on one segment, or in a tunnel. */
function routed(networks: NetworkPlan[]): NetworkPlan[] {
    return networks.filter(({ type }) => type === "ptp" || type === "bridge");
}
