import { join } from "node:path";
import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import { ContainerEngine } from "../provider/sdk.ts";
import { Attachment } from "./attachment.ts";
import { Bridge } from "./bridge.ts";
import { Calico } from "./calico.ts";
import { Cilium } from "./cilium.ts";
import { Cluster } from "./cluster.ts";
import { Demo } from "./demo.ts";
import type { InstalledChart, InstalledChartArgs } from "./installedChart.ts";
import type { Archive, ChartName, Charts, Images } from "../plan/images.ts";
import { Multus } from "./multus.ts";
import { NodeAgent } from "./nodeAgent.ts";
import { ConnectivityCheck } from "./connectivityCheck.ts";
import { typeOf } from "../plan/networks/types.ts";
import type { ClusterPlan, NetworkPlan, NodeRanges, Plan } from "../plan/plan.ts";
import { primaryOf } from "../plan/primaries/types.ts";

export interface TestbedArgs {
    plan: Plan;
    images: Images;
    charts: Charts;
    /** Registry host and path from which the images of the charts of others are taken. */
    mirror?: string | undefined;
    /** See `BridgeArgs`. */
    bridgeMade?: string | undefined;
    bridgeToAdopt?: string | undefined;
    runtime: "docker" | "podman";
    /** See `KindClusterArgs`. */
    cniPlugins?: string | undefined;
    /** To load into every node. */
    archives: Archive[];
    /** Folder for the clusters' kubeconfig files. */
    kubeconfigs: string;
}

/** Where the attachments and the demo pods live: a pod of your own there needs nothing but the annotation. */
const NAMESPACE = "default";

/** Everything that one stack brings up: a bridge, clusters on it, extra networks across them, and the proof. */
export class Testbed extends pulumi.ComponentResource {
    readonly clusters: Cluster[];
    readonly reachability: ConnectivityCheck;
    /** Of nodes that were given ranges at run time. */
    readonly nodeRanges: pulumi.Output<NodeRanges>;
    private readonly args: TestbedArgs;
    private readonly engine: ContainerEngine;
    private readonly bridge: Bridge;
    private readonly nodeImage: docker.RemoteImage;

    constructor(name: string, args: TestbedArgs, opts?: pulumi.ComponentResourceOptions) {
        super("multinet:components:Testbed", name, {}, opts);
        this.args = args;
        const { plan, images, runtime } = args;
        this.engine = new ContainerEngine(`${name}-engine`, { runtime }, { parent: this });
        const engine = {
            parent: this,
            dependsOn: [this.engine],
            provider: new docker.Provider("docker", {}, { parent: this }),
        };
        this.bridge = new Bridge(
            `${name}-bridge`,
            {
                ...plan.bridge,
                owner: owner(plan),
                made: args.bridgeMade,
                adopt: args.bridgeToAdopt,
            },
            engine,
        );
        this.nodeImage = new docker.RemoteImage(
            `${name}-node-image`,
            { name: images.node, keepLocally: true },
            engine,
        );
        this.clusters = plan.clusters.map((cluster) => this.cluster(cluster));
        const contents = this.clusters.map((cluster) => this.contents(cluster));
        const ranges = contents.flatMap(({ ranges }) => ranges);
        this.nodeRanges = pulumi
            .all(ranges.map((one) => one.ranges))
            .apply((all) => Object.assign({}, ...all) as NodeRanges);
        this.reachability = new ConnectivityCheck(
            `${name}-reachability`,
            {
                clusters: this.clusters,
                demos: contents.map(({ demo }) => demo),
                namespace: NAMESPACE,
                plan: plan.reachability,
                ranges,
            },
            { parent: this },
        );
        this.registerOutputs({});
    }

    private cluster(plan: ClusterPlan): Cluster {
        const { runtime, cniPlugins, archives, kubeconfigs } = this.args;
        return new Cluster(
            plan.name,
            {
                plan,
                network: this.bridge.networkName,
                image: this.args.images.node,
                owner: owner(this.args.plan),
                runtime,
                cniPlugins,
                archives,
                engine: this.engine.id,
                kubeconfigPath: join(kubeconfigs, `${plan.name}.yaml`),
            },
            { parent: this, dependsOn: [this.nodeImage] },
        );
    }

    /** What runs inside one cluster. Nothing here waits for another cluster. */
    private contents(cluster: Cluster) {
        const { images } = this.args;
        const name = cluster.plan.name;
        const inside = { parent: cluster };
        const networks = this.networksOf(cluster.plan);
        const primary = this.primary(cluster);
        const { conflist: primaryConf } = primaryOf(cluster.plan);
        const multus = new Multus(
            `${name}-multus`,
            {
                cluster,
                image: images.multus,
                toolbox: images.toolbox,
                masterConflist: primaryConf,
                after: primary,
            },
            inside,
        );
        const extras = networks.flatMap((network) => this.extra(cluster, network, multus));
        const installed = [...primary, ...extras];
        const nodeAgent = new NodeAgent(
            `${name}-node-routes`,
            {
                cluster,
                plan: this.args.plan,
                image: images.toolbox,
                primaryConf,
                after: primary,
            },
            inside,
        );
        const finished = primary.flatMap((installed) => installed.finish(nodeAgent));
        const attachments = networks.map(
            (network) =>
                new Attachment(
                    `${name}-attachment-${network.name}`,
                    { cluster, multus, network: network.name, namespace: NAMESPACE },
                    inside,
                ),
        );
        const demo = new Demo(
            `${name}-demo`,
            {
                cluster,
                namespace: NAMESPACE,
                image: images.toolbox,
                after: [...installed, nodeAgent, ...finished, ...attachments],
            },
            inside,
        );
        const ranges = installed.flatMap(({ network, ranges }) =>
            ranges ? { network, ranges } : [],
        );
        return { demo, ranges };
    }

    private networksOf({ networks }: ClusterPlan): NetworkPlan[] {
        const names = networks.map(({ network }) => network);
        return this.args.plan.networks.filter(({ name }) => names.includes(name));
    }

    /** The cluster's own network, where it is not kind's. */
    private primary(cluster: Cluster): InstalledChart[] {
        const { plan } = cluster;
        const type = primaryOf(plan);
        if (!type.installs) {
            return [];
        }
        const values = type.values?.(plan, plan.settings ?? {}) ?? {};
        return [this.install(type.installs.chart, { cluster, values })];
    }

    /** What an extra network installs. After Multus, which has put itself in front of the primary network then. */
    private extra(cluster: Cluster, network: NetworkPlan, multus: Multus): InstalledChart[] {
        const type = typeOf(network);
        if (!type.installs) {
            return [];
        }
        return [
            this.install(type.installs.chart, {
                cluster,
                network: network.name,
                values: type.values?.(network) ?? {},
                problem: (ranges, kubeconfig) => type.givenProblem?.(network, ranges, kubeconfig),
                after: [multus],
            }),
        ];
    }

    private install(
        chart: ChartName,
        args: Omit<InstalledChartArgs, "chart" | "mirror">,
    ): InstalledChart {
        const { charts, mirror } = this.args;
        return new INSTALLED[chart](
            `${args.cluster.plan.name}-${chart}`,
            { ...args, chart: charts[chart], mirror },
            { parent: args.cluster },
        );
    }
}

/** The component that brings each chart of others. */
const INSTALLED = { calico: Calico, cilium: Cilium };

function owner({ project, stack }: Plan) {
    return { project, stack };
}
