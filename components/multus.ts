import * as pulumi from "@pulumi/pulumi";
import type { Cluster } from "./cluster.ts";
import { ChartRelease } from "./chartRelease.ts";

export interface MultusArgs {
    cluster: Cluster;
    image: pulumi.Input<string>;
    /** With bash. */
    toolbox: pulumi.Input<string>;
    /**
     * File name of the primary network's CNI configuration. Without it Multus would take whichever file sorts first.
     * @example "10-kindnet.conflist"
     */
    masterConflist: string;
    /** What brings that network. */
    after: pulumi.Resource[];
}

/** Multus (thin) on every node of a cluster: pods may then ask for further networks by annotation. */
export class Multus extends pulumi.ComponentResource {
    readonly release: ChartRelease;

    constructor(name: string, args: MultusArgs, opts?: pulumi.ComponentResourceOptions) {
        super("multinet:components:Multus", name, { masterConflist: args.masterConflist }, opts);
        this.release = new ChartRelease(
            `${name}-release`,
            {
                cluster: args.cluster,
                release: "multus",
                namespace: "kube-system",
                values: {
                    image: args.image,
                    toolbox: args.toolbox,
                    masterConflist: args.masterConflist,
                },
            },
            args.cluster.inside(this, args.after),
        );
        this.registerOutputs({});
    }
}
