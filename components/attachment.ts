import * as pulumi from "@pulumi/pulumi";
import type { Cluster } from "./cluster.ts";
import type { Multus } from "./multus.ts";
import { ChartRelease } from "./chartRelease.ts";

export interface AttachmentArgs {
    cluster: Cluster;
    multus: Multus;
    /** The network's name: what pods write in the annotation `k8s.v1.cni.cncf.io/networks`. */
    network: string;
    namespace: string;
}

/**
 * A NetworkAttachmentDefinition without configuration: Multus then takes the file of that name on the pod's node, so
 * that one name gives every node its own slice.
 */
export class Attachment extends pulumi.ComponentResource {
    readonly release: ChartRelease;

    constructor(name: string, args: AttachmentArgs, opts?: pulumi.ComponentResourceOptions) {
        super("multinet:components:Attachment", name, { network: args.network }, opts);
        const inside = args.cluster.inside(this);
        this.release = new ChartRelease(
            `${name}-release`,
            {
                cluster: args.cluster,
                chart: "attachment",
                release: `attachment-${args.network}`,
                namespace: args.namespace,
                values: { network: args.network },
            },
            { ...inside, dependsOn: [args.multus.release] },
        );
        this.registerOutputs({});
    }
}
