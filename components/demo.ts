import * as pulumi from "@pulumi/pulumi";
import type { Cluster } from "./cluster.ts";
import { ChartRelease } from "./chartRelease.ts";
import type { ClusterPlan, DemoPlan } from "../plan/plan.ts";

export interface DemoArgs {
    cluster: Cluster;
    namespace: string;
    image: pulumi.Input<string>;
    /** What must be in place before a pod that asks for networks is made. */
    after: pulumi.Resource[];
}

/** The demo workloads of a cluster: Deployments with a shell, which answer probes over every network. */
export class Demo extends pulumi.ComponentResource {
    readonly release: ChartRelease;

    constructor(name: string, args: DemoArgs, opts?: pulumi.ComponentResourceOptions) {
        const { plan } = args.cluster;
        super("multinet:components:Demo", name, { networks: names(plan.networks) }, opts);
        this.release = new ChartRelease(
            `${name}-release`,
            {
                cluster: args.cluster,
                release: "demo",
                namespace: args.namespace,
                values: {
                    image: args.image,
                    demos: plan.demos.map((demo) => values(demo, plan)),
                },
                // The matrix does, and sees it sooner than Helm, which looks every two seconds.
                skipAwait: true,
            },
            { ...args.cluster.inside(this), dependsOn: args.after },
        );
        this.registerOutputs({});
    }
}

function values({ name, node, attachments }: DemoPlan, { networks }: ClusterPlan) {
    const groups = attachments.flatMap(({ network, groups = [] }) => {
        const device = networks.find((each) => each.network === network)!.interface;
        return groups.map((group) => `${group}@${device}`);
    });
    return {
        name,
        node,
        networks: names(attachments),
        annotation: annotation(attachments),
        groups: groups.join(","),
    };
}

/** Multus' annotation: a list of names, unless an address is asked for. */
function annotation(attachments: DemoPlan["attachments"]): string {
    if (attachments.every(({ address }) => address === undefined)) {
        return names(attachments);
    }
    return JSON.stringify(
        attachments.map(({ network, address }) => ({
            name: network,
            ...(address !== undefined && { ips: [address] }),
        })),
    );
}

function names(networks: { network: string }[]): string {
    return networks.map(({ network }) => network).join(",");
}
