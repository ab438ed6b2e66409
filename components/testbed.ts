import { join } from "node:path";
import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import { ContainerEngine, type CiliumNodes } from "../provider/sdk.ts";
import { Attachment } from "./attachment.ts";
import { Bridge } from "./bridge.ts";
import { Calico } from "./calico.ts";
import { Cilium, primaryValues, secondaryValues } from "./cilium.ts";
import { Cluster } from "./cluster.ts";
import { Demo } from "./demo.ts";
import { Encryption } from "./encryption.ts";
import type { Archive, Charts, Images } from "../plan/images.ts";
import { Multus } from "./multus.ts";
import { NodeAgent } from "./nodeAgent.ts";
import { ConnectivityCheck } from "./connectivityCheck.ts";
import type { CiliumRanges } from "../plan/diagram.ts";
import type { CiliumPlan, ClusterPlan, NetworkPlan, Plan } from "../plan/plan.ts";

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
    /** By node with Cilium: the range of its pods' addresses, and the address of its router. */
    readonly ciliumRanges: CiliumNodes["ranges"];
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
        this.ciliumRanges = pulumi
            .all(ranges.map((one) => one.ranges))
            .apply((all) => Object.assign({}, ...all) as CiliumRanges);
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
        const primaryConf = CONFLIST[cluster.plan.primary];
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
        const cilium = networks
            .filter((network) => network.type === "cilium")
            .map((network) => this.secondaryCilium(cluster, network, multus));
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
        const encryption = this.encryption(cluster, nodeAgent);
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
                after: [...primary, ...cilium, nodeAgent, ...encryption, ...attachments],
            },
            inside,
        );
        return { demo, ranges: ciliumRanges([...primary, ...cilium], networks) };
    }

    private networksOf({ networks }: ClusterPlan): NetworkPlan[] {
        const names = networks.map(({ network }) => network);
        return this.args.plan.networks.filter(({ name }) => names.includes(name));
    }

    /** The cluster's own network, where it is not kind's. */
    private primary(cluster: Cluster): (Calico | Cilium)[] {
        const { charts, mirror } = this.args;
        const { name, calico, cilium } = cluster.plan;
        if (calico) {
            const args = { cluster, calico, chart: charts.calico, mirror };
            return [new Calico(`${name}-calico`, args, { parent: cluster })];
        }
        if (cilium) {
            const args = {
                cluster,
                values: primaryValues(cluster.plan),
                chart: charts.cilium,
                mirror,
            };
            return [new Cilium(`${name}-cilium`, args, { parent: cluster })];
        }
        return [];
    }

    private encryption(cluster: Cluster, after: NodeAgent): Encryption[] {
        if (!cluster.plan.calico?.wireguard) {
            return [];
        }
        const name = `${cluster.plan.name}-encryption`;
        return [new Encryption(name, { cluster, after }, { parent: cluster })];
    }

    /** After Multus, which has put itself in front of the primary network then. */
    private secondaryCilium(cluster: Cluster, network: CiliumPlan, multus: Multus): Cilium {
        const { charts, mirror } = this.args;
        return new Cilium(
            `${cluster.plan.name}-cilium`,
            {
                cluster,
                network,
                values: secondaryValues(network),
                chart: charts.cilium,
                mirror,
                after: [multus],
            },
            { parent: cluster },
        );
    }
}

/** File name of the CNI configuration that each primary network writes. */
const CONFLIST = {
    kindnet: "10-kindnet.conflist",
    calico: "10-calico.conflist",
    cilium: "05-cilium.conflist",
};

/** What Cilium gives the nodes of one cluster, with the name of the extra network if it is one. */
function ciliumRanges(installed: (Calico | Cilium)[], networks: NetworkPlan[]) {
    const network = networks.find(({ type }) => type === "cilium")?.name ?? "";
    return installed
        .filter((one) => one instanceof Cilium)
        .map(({ ranges }) => ({ network, ranges }));
}

function owner({ project, stack }: Plan) {
    return { project, stack };
}
