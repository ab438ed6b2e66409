import * as pulumi from "@pulumi/pulumi";
import { ReachabilityMatrix, type CiliumNodes } from "../provider/sdk.ts";
import type { Cluster } from "./cluster.ts";
import type { Demo } from "./demo.ts";
import type { ExpectedMatrix, NetworkPlan } from "../plan/plan.ts";

export interface ConnectivityCheckArgs {
    clusters: Cluster[];
    demos: Demo[];
    namespace: string;
    plan: ExpectedMatrix;
    /** Of every network of Cilium's: its name, and what each cluster gave its nodes. */
    ranges: { network: string; ranges: CiliumNodes["ranges"] }[];
}

/**
 * The connectivity check: ordered pairs of demo pods by the protocols of their network with the source address the peer saw,
 * addresses that no pod has, which must be answered "unreachable", and multicast. Measured from inside the pods in every
 * preview and update; a cell that stays red, or loses packets when all has settled, fails the update.
 */
export class ConnectivityCheck extends pulumi.ComponentResource {
    readonly matrix: ReachabilityMatrix["matrix"];
    readonly summary: pulumi.Output<string>;

    constructor(name: string, args: ConnectivityCheckArgs, opts?: pulumi.ComponentResourceOptions) {
        super("multinet:components:Reachability", name, {}, opts);
        const { pairs, free, multicast, unique, scope } = args.plan;
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
                networks: args.plan.networks.map((network) => ({
                    ...network,
                    slices: slices(network, args.ranges),
                })),
                pairs,
                free,
                multicast,
                unique,
                ...(scope !== "" && { scope }),
            },
            { parent: this, dependsOn: args.demos },
        );
        this.matrix = measured.matrix;
        this.summary = measured.summary;
        this.registerOutputs({ summary: this.summary });
    }
}

/** The planned ones, and those that Cilium decided. */
function slices(
    network: { name: NetworkPlan["name"]; slices: Record<string, string> },
    all: ConnectivityCheckArgs["ranges"],
): pulumi.Input<Record<string, string>> {
    const given = all.filter((one) => one.network === network.name).map(({ ranges }) => ranges);
    if (given.length === 0) {
        return network.slices;
    }
    return pulumi
        .all(given)
        .apply((clusters) =>
            Object.fromEntries(
                clusters.flatMap((ranges) =>
                    Object.entries(ranges).map(([node, { range }]) => [node, range]),
                ),
            ),
        );
}
