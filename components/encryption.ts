import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { Cluster } from "./cluster.ts";

export interface EncryptionArgs {
    cluster: Cluster;
    /** What is there only when Calico serves every node: its operator has registered its kinds then. */
    after: pulumi.Resource;
}

/**
 * WireGuard between the nodes of a cluster with Calico. A field of an object that Calico makes itself, of a kind that
 * its operator registers at run time: the chart would want to create both before they can exist.
 */
export class Encryption extends pulumi.ComponentResource {
    constructor(name: string, args: EncryptionArgs, opts?: pulumi.ComponentResourceOptions) {
        super("multinet:components:Encryption", name, {}, opts);
        new k8s.apiextensions.CustomResourcePatch(
            `${name}-felix`,
            {
                apiVersion: "crd.projectcalico.org/v1",
                kind: "FelixConfiguration",
                metadata: { name: "default", annotations: { "pulumi.com/patchForce": "true" } },
                spec: { wireguardEnabled: true },
            },
            args.cluster.inside(this, [args.after]),
        );
        this.registerOutputs({});
    }
}
