import * as pulumi from "@pulumi/pulumi";
import { ReachabilityMatrix } from "../provider/sdk.ts";
import type { Cluster } from "./cluster.ts";
import type { Demo } from "./demo.ts";
import type { Reachability as ReachabilityPlan } from "./topology/plan.ts";

export interface ReachabilityArgs {
    clusters: Cluster[];
    demos: Demo[];
    namespace: string;
    plan: ReachabilityPlan;
}

/**
 * The proof: every ordered pair of demo pods by ICMP, TCP and UDP with the source address the peer saw, and addresses
 * that nobody has, which must be answered "unreachable". Measured from inside the pods in every preview and update; a
 * cell that stays red fails the update.
 */
export class Reachability extends pulumi.ComponentResource {
    readonly matrix: ReachabilityMatrix["matrix"];
    readonly summary: pulumi.Output<string>;

    constructor(name: string, args: ReachabilityArgs, opts?: pulumi.ComponentResourceOptions) {
        super("multinet:components:Reachability", name, {}, opts);
        const measured = new ReachabilityMatrix(
            `${name}-matrix`,
            {
                clusters: args.clusters.map(
                    ({ plan, kubeconfigPath, identity, nodeAddresses }) => ({
                        name: plan.name,
                        kubeconfigPath,
                        ca: identity,
                        nodeAddresses,
                    }),
                ),
                namespace: args.namespace,
                pairs: args.plan.pairs,
                free: args.plan.free,
            },
            { parent: this, dependsOn: args.demos },
        );
        this.matrix = measured.matrix;
        this.summary = measured.summary;
        this.registerOutputs({ summary: this.summary });
    }
}
