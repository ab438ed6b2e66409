import * as pulumi from "@pulumi/pulumi";
import { merged } from "../plan/helmValues.ts";
import { CiliumNodes } from "../provider/sdk.ts";
import { ChartRelease } from "./chartRelease.ts";
import { InstalledChart, type InstalledChartArgs } from "./installedChart.ts";
import type { HelmValues } from "../plan/plan.ts";
import { LABELS } from "../plan/labels.ts";

/** Cilium in a cluster, as its primary network or beside it; there when every node has a range and a ready agent. */
export class Cilium extends InstalledChart {
    readonly release: ChartRelease;
    /** By node: the range of its pods' addresses, and the address of its router. */
    override readonly ranges: CiliumNodes["ranges"];

    constructor(name: string, args: InstalledChartArgs, opts?: pulumi.ComponentResourceOptions) {
        super("multinet:components:Cilium", name, args, opts);
        const { cluster, chart, after = [] } = args;
        this.release = new ChartRelease(
            `${name}-release`,
            {
                cluster,
                release: "cilium",
                chart,
                namespace: "kube-system",
                values: [images(args.mirror), rolled(cluster.repair("cilium"))].reduce(
                    merged,
                    args.values,
                ),
            },
            cluster.inside(this, after),
        );
        // Helm does not wait for a DaemonSet of which so many pods may be unavailable as there are nodes.
        const nodes = new CiliumNodes(
            `${name}-nodes`,
            {
                kubeconfigPath: cluster.kubeconfigPath,
                ca: cluster.identity,
                nodeAddresses: cluster.nodeAddresses,
                nodes: cluster.plan.nodes.map((node) => node.name),
                namespace: "kube-system",
            },
            { parent: this, dependsOn: [this.release] },
        );
        this.ranges = pulumi.all([nodes.ranges, cluster.kubeconfigPath]).apply(([ranges, path]) => {
            const problem = args.problem?.(ranges, path);
            if (problem !== undefined) {
                throw new pulumi.RunError(problem);
            }
            return ranges;
        });
        this.registerOutputs({ ranges: this.ranges });
    }
}

/** A repaired ConfigMap has to reach the pods as well; the chart rolls them for another text only. */
function rolled(repair: pulumi.Output<string>): HelmValues {
    const podAnnotations = { [LABELS.repair]: repair };
    return { podAnnotations, operator: { podAnnotations } };
}

function images(mirror: string | undefined): HelmValues {
    if (mirror === undefined) {
        return {};
    }
    return {
        image: { repository: `${mirror}/cilium/cilium` },
        operator: { image: { repository: `${mirror}/cilium/operator` } },
    };
}
