import * as pulumi from "@pulumi/pulumi";
import type { ForeignChart } from "../plan/images.ts";
import type { HelmValues, NodeRanges } from "../plan/plan.ts";
import type { Cluster } from "./cluster.ts";

export interface InstalledChartArgs {
    cluster: Cluster;
    chart: ForeignChart;
    values: HelmValues;
    /** Registry host and path that stands in for quay.io. */
    mirror?: string | undefined;
    /** What has to be in place first. */
    after?: pulumi.Resource[];
    /** What is wrong with the ranges that the nodes were given, if anything is. */
    problem?: (ranges: NodeRanges, kubeconfig: string) => string | undefined;
}

/** A network that comes by a chart of others: a cluster's own, or an extra one. */
export abstract class InstalledChart extends pulumi.ComponentResource {
    /** What it gave the nodes, where that is known only when it runs. */
    readonly ranges?: pulumi.Output<NodeRanges>;

    /** Adds what can be there only when the node agents serve every node. */
    finish(_agents: pulumi.Resource): pulumi.Resource[] {
        return [];
    }
}
