import type * as pulumi from "@pulumi/pulumi";
import type { Cluster } from "./cluster.ts";
import { merged } from "../plan/helmValues.ts";
import { ChartRelease } from "./chartRelease.ts";
import { Encryption } from "./encryption.ts";
import { InstalledChart, type InstalledChartArgs } from "./installedChart.ts";
import type { HelmValues } from "../plan/plan.ts";

/** Calico as the primary network of a cluster: the operator's chart, which holds its CRDs, and the Installation. */
export class Calico extends InstalledChart {
    readonly release: ChartRelease;
    private readonly cluster: Cluster;

    constructor(name: string, args: InstalledChartArgs, opts?: pulumi.ComponentResourceOptions) {
        super("multinet:components:Calico", name, args, opts);
        const { cluster, chart, values, mirror } = args;
        this.release = new ChartRelease(
            `${name}-release`,
            {
                cluster,
                release: "calico",
                chart,
                namespace: "tigera-operator",
                values: merged(values, images(mirror)),
            },
            cluster.inside(this),
        );
        this.cluster = cluster;
        this.registerOutputs({});
    }

    override finish(agents: pulumi.Resource): pulumi.Resource[] {
        const { name, settings } = this.cluster.plan;
        if (!settings || !("wireguard" in settings) || settings.wireguard !== true) {
            return [];
        }
        const args = { cluster: this.cluster, after: agents };
        return [new Encryption(`${name}-encryption`, args, { parent: this.cluster })];
    }
}

function images(mirror: string | undefined): HelmValues {
    if (mirror === undefined) {
        return {};
    }
    return { installation: { registry: `${mirror}/` }, tigeraOperator: { registry: mirror } };
}
