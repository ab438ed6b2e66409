import * as pulumi from "@pulumi/pulumi";
import { Rollout } from "../provider/sdk.ts";
import type { Cluster } from "./cluster.ts";
import { ChartRelease } from "./chartRelease.ts";

export interface NodeAgentArgs {
    cluster: Cluster;
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
 * Its type, release and objects keep the name of its first version, `node-routes`: another one would replace them all.
 */
export class NodeAgent extends pulumi.ComponentResource {
    constructor(name: string, args: NodeAgentArgs, opts?: pulumi.ComponentResourceOptions) {
        super("multinet:components:NodeRoutes", name, {}, opts);
        const { cluster } = args;
        const namespace = "kube-system";
        const agents = new ChartRelease(
            `${name}-release`,
            {
                cluster,
                release: "node-routes",
                chart: "node-agent",
                namespace,
                values: {
                    image: args.image,
                    primaryConf: args.primaryConf,
                    ...cluster.plan.agents,
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
