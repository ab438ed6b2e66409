import * as pulumi from "@pulumi/pulumi";
import type { Cluster } from "./cluster.ts";
import { merged } from "../plan/helmValues.ts";
import { ChartRelease } from "./chartRelease.ts";
import type { ForeignChart } from "../plan/images.ts";
import type { CalicoPlan, ClusterPlan, HelmValues } from "../plan/plan.ts";

export interface CalicoArgs {
    cluster: Cluster;
    calico: CalicoPlan;
    chart: ForeignChart;
    /** Registry host and path that stands in for quay.io. */
    mirror?: string | undefined;
}

/** Calico as the primary network of a cluster: the operator's chart, which holds its CRDs, and the Installation. */
export class Calico extends pulumi.ComponentResource {
    readonly release: ChartRelease;

    constructor(name: string, args: CalicoArgs, opts?: pulumi.ComponentResourceOptions) {
        super("multinet:components:Calico", name, {}, opts);
        const { cluster, calico, chart, mirror } = args;
        this.release = new ChartRelease(
            `${name}-release`,
            {
                cluster,
                release: "calico",
                chart,
                namespace: "tigera-operator",
                values: calicoValues(cluster.plan, calico, mirror),
            },
            cluster.inside(this),
        );
        this.registerOutputs({});
    }
}

/** One replica, and without three controllers that no test cluster needs; the user may want more. */
const BARE: HelmValues = {
    installation: { controlPlaneReplicas: 1 },
    apiServer: { enabled: false },
    goldmane: { enabled: false },
    whisker: { enabled: false },
};

/** The values of the tigera-operator chart: ours over those of the user. */
export function calicoValues(
    { podSubnet, kubeProxyMode }: ClusterPlan,
    { encapsulation, values: users }: CalicoPlan,
    mirror: string | undefined,
): HelmValues {
    const decided = {
        installation: {
            calicoNetwork: {
                // VXLAN needs no routing daemon.
                bgp: encapsulation === "VXLAN" ? "Disabled" : "Enabled",
                // It has to speak to the same tables as kube-proxy.
                linuxDataplane: kubeProxyMode === "nftables" ? "Nftables" : "Iptables",
                // Not the first device found: on a node with Cilium that may be cilium_host.
                nodeAddressAutodetectionV4: { kubernetes: "NodeInternalIP" },
                ipPools: [
                    { cidr: podSubnet, encapsulation, natOutgoing: "Enabled", blockSize: 26 },
                ],
            },
            flexVolumePath: "None",
            kubeletVolumePluginPath: "None",
            ...(mirror && { registry: `${mirror}/` }),
        },
        ...(mirror && { tigeraOperator: { registry: mirror } }),
    };
    return [BARE, users, decided].reduce(merged);
}
