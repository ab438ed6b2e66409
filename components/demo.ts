import type * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { Cluster } from "./cluster.ts";
import { release } from "./release.ts";

export interface DemoArgs {
    cluster: Cluster;
    /** Names of the networks that every demo pod joins, in the order of its interfaces net1, net2 ... */
    networks: string[];
    namespace: string;
    image: pulumi.Input<string>;
    /** What has to be in place before a pod that asks for these networks is made. */
    after: pulumi.Resource[];
}

/** The demo workloads of a cluster: Deployments with a shell, which answer probes over every network. */
export class Demo extends pulumi.ComponentResource {
    readonly release: k8s.helm.v3.Release;

    constructor(name: string, args: DemoArgs, opts?: pulumi.ComponentResourceOptions) {
        super("multinet:components:Demo", name, { networks: args.networks }, opts);
        this.release = release(
            `${name}-release`,
            {
                cluster: args.cluster,
                release: "demo",
                namespace: args.namespace,
                values: {
                    image: args.image,
                    demos: args.cluster.plan.demos.map(({ name, node }) => ({ name, node })),
                    networks: args.networks.join(","),
                },
            },
            { ...args.cluster.inside(this), dependsOn: args.after },
        );
        this.registerOutputs({});
    }
}
