import * as pulumi from "@pulumi/pulumi";
import { merged } from "../plan/helmValues.ts";
import { poolProblem } from "../plan/rules/ciliumPool.ts";
import { CiliumNodes } from "../provider/sdk.ts";
import type { Cluster } from "./cluster.ts";
import { ChartRelease } from "./chartRelease.ts";
import type { ForeignChart } from "../plan/images.ts";
import type { CiliumPlan, ClusterPlan, HelmValues } from "../plan/plan.ts";

export interface CiliumArgs {
    cluster: Cluster;
    /** `primaryValues` or `secondaryValues`. */
    values: HelmValues;
    chart: ForeignChart;
    /** Registry host and path that stands in for quay.io. */
    mirror?: string | undefined;
    /** What has to be in place first. */
    after?: pulumi.Resource[];
    /** The extra network that it is, if it is one. */
    network?: CiliumPlan;
}

/** Cilium in a cluster, as its primary network or beside it; there when every node has a range and a ready agent. */
export class Cilium extends pulumi.ComponentResource {
    readonly release: ChartRelease;
    /** By node: the range of its pods' addresses, and the address of its router. */
    readonly ranges: CiliumNodes["ranges"];

    constructor(name: string, args: CiliumArgs, opts?: pulumi.ComponentResourceOptions) {
        super("multinet:components:Cilium", name, {}, opts);
        const { cluster, chart, network, after = [] } = args;
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
            const problem = network && poolProblem(ranges, network, path);
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
    const podAnnotations = { "multinet.dev/repair": repair };
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

/** What the container engine may not give is left out; the agent does without. */
const capabilities = {
    ciliumAgent: [
        ...["CHOWN", "KILL", "NET_ADMIN", "NET_RAW", "IPC_LOCK", "SYS_ADMIN"],
        ...["DAC_OVERRIDE", "FOWNER", "SETGID", "SETUID"],
    ],
    cleanCiliumState: ["NET_ADMIN", "SYS_ADMIN"],
};

/** Nothing besides agent and operator; the user may want more. */
const BARE: HelmValues = {
    operator: { replicas: 1 },
    l7Proxy: false,
    envoy: { enabled: false },
    hubble: { enabled: false },
    healthChecking: false,
    endpointHealthChecking: { enabled: false },
    bandwidthManager: { enabled: false },
    cgroup: { autoMount: { enabled: true }, hostRoot: "/run/cilium/cgroupv2" },
    securityContext: { capabilities },
};

const TUNNEL: HelmValues = {
    routingMode: "tunnel",
    tunnelProtocol: "vxlan",
    bpf: { masquerade: false },
};

/** What is the testbed's to decide both as primary and as secondary network: IPv4, no kube-proxy replacement. */
function decided(range: string, nodePrefix: number): HelmValues {
    return {
        // A changed ConfigMap alone restarts neither.
        rollOutCiliumPods: true,
        operator: { rollOutPods: true },
        kubeProxyReplacement: "false",
        ipam: {
            mode: "cluster-pool",
            operator: {
                clusterPoolIPv4PodCIDRList: [range],
                clusterPoolIPv4MaskSize: nodePrefix,
            },
        },
        ipv6: { enabled: false },
        // Not those of another network.
        devices: "eth0",
        // Packets of the other networks take the node's own routes.
        bpf: { hostLegacyRouting: true },
        // Exclusive, it would rename the file of Multus.
        cni: { exclusive: false },
    };
}

/** Cilium as the primary network, over it the user's values and then ours: it gives each node a /24 of the pod subnet. */
export function primaryValues({ podSubnet, cilium }: ClusterPlan): HelmValues {
    const users = cilium?.values ?? {};
    return [BARE, TUNNEL, users, decided(podSubnet, 24)].reduce(merged);
}

/** Cilium beside another primary network: it touches neither the node's CNI files nor pods that are not its own. */
export function secondaryValues({ cidr, nodePrefix, mtu, values: users }: CiliumPlan): HelmValues {
    // The primary network has policies as well, and once is enough.
    const open = { policyEnforcementMode: "never" };
    const aside = {
        operator: {
            // It would delete the pods of kube-dns one after the other, without end.
            unmanagedPodWatcher: { restart: false },
            setNodeTaints: false,
            setNodeNetworkStatus: false,
        },
        cni: { customConf: true, uninstall: false },
        // Apart from the tunnel of a primary Cilium, and from Calico's 4789.
        tunnelPort: 8473,
        MTU: mtu + VXLAN_OVERHEAD,
        enableIPv4Masquerade: false,
        enableIdentityMark: false,
    };
    return [BARE, open, users, TUNNEL, decided(cidr, nodePrefix), aside].reduce(merged);
}

/** Bytes that the tunnel takes of every packet; Cilium's own MTU is that of the network below. */
const VXLAN_OVERHEAD = 50;
