import * as pulumi from "@pulumi/pulumi";
import type { ForeignChart } from "../plan/images.ts";
import type { HelmValues, NodeRanges } from "../plan/plan.ts";
import type { Cluster } from "./cluster.ts";

export interface InstalledChartArgs {
    cluster: Cluster;
    chart: ForeignChart;
    values: HelmValues;
    /** Registry host and path to use in place of quay.io. */
    mirror?: string | undefined;
    /** What must be in place first. */
    after?: pulumi.Resource[];
    /** Name of the extra network that it is; left out for the cluster's own. */
    network?: string;
    /** What is wrong with the ranges that the nodes were given, if anything is. */
    problem?: (ranges: NodeRanges, kubeconfig: string) => string | undefined;
}

/** A network that comes by a chart of others: a cluster's own, or an extra one. */
export abstract class InstalledChart extends pulumi.ComponentResource {
    /** See `InstalledChartArgs`; empty for the cluster's own network. */
    readonly network: string;
    /** What it gave the nodes, where that is known only when it runs. */
    readonly ranges?: pulumi.Output<NodeRanges>;

    constructor(
        type: string,
        name: string,
        { network = "" }: InstalledChartArgs,
        opts?: pulumi.ComponentResourceOptions,
    ) {
        super(type, name, {}, opts);
        this.network = network;
    }

    /** Adds what can be there only when all `agents` are, which serve every node then. */
    finish(agents: pulumi.Resource): pulumi.Resource[];
    finish(): pulumi.Resource[] {
        return [];
    }
}
