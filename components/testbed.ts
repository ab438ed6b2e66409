import { join } from "node:path";
import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import { Attachment } from "./attachment.ts";
import { Bridge } from "./bridge.ts";
import { Cluster } from "./cluster.ts";
import { Demo } from "./demo.ts";
import type { Images } from "./images.ts";
import { Multus } from "./multus.ts";
import { NodeRoutes } from "./nodeRoutes.ts";
import { Reachability } from "./reachability.ts";
import type { ClusterPlan, Plan } from "./topology/plan.ts";

export interface TestbedArgs {
    plan: Plan;
    images: Images;
    runtime: "docker" | "podman";
    /** Image archives to load into every node. */
    archives: string[];
    /** Folder for the clusters' kubeconfig files. */
    kubeconfigs: string;
}

/** Where the attachments and the demo pods live: a pod of your own there needs nothing but the annotation. */
const NAMESPACE = "default";

/** Everything that one stack brings up: a bridge, clusters on it, extra networks across them, and the proof. */
export class Testbed extends pulumi.ComponentResource {
    readonly clusters: Cluster[];
    readonly reachability: Reachability;
    private readonly args: TestbedArgs;
    private readonly bridge: Bridge;
    private readonly nodeImage: docker.RemoteImage;

    constructor(name: string, args: TestbedArgs, opts?: pulumi.ComponentResourceOptions) {
        super("multinet:components:Testbed", name, {}, opts);
        this.args = args;
        const { plan, images } = args;
        const engine = {
            parent: this,
            provider: new docker.Provider("docker", {}, { parent: this }),
        };
        this.bridge = new Bridge(`${name}-bridge`, { ...plan.bridge, owner: owner(plan) }, engine);
        this.nodeImage = new docker.RemoteImage(
            `${name}-node-image`,
            { name: images.node, keepLocally: true },
            engine,
        );
        this.clusters = plan.clusters.map((cluster) => this.cluster(cluster));
        const demos = this.clusters.map((cluster) => this.contents(cluster));
        this.reachability = new Reachability(
            `${name}-reachability`,
            { clusters: this.clusters, demos, namespace: NAMESPACE, plan: plan.reachability },
            { parent: this },
        );
        this.registerOutputs({});
    }

    private cluster(plan: ClusterPlan): Cluster {
        const { runtime, archives, kubeconfigs } = this.args;
        return new Cluster(
            plan.name,
            {
                plan,
                network: this.bridge.networkName,
                image: this.args.images.node,
                owner: owner(this.args.plan),
                runtime,
                archives,
                kubeconfigPath: join(kubeconfigs, `${plan.name}.yaml`),
            },
            { parent: this, dependsOn: [this.nodeImage] },
        );
    }

    /** What runs inside one cluster. Nothing here waits for another cluster. */
    private contents(cluster: Cluster): Demo {
        const { plan, images } = this.args;
        const name = cluster.plan.name;
        const inside = { parent: cluster };
        const multus = new Multus(
            `${name}-multus`,
            { cluster, image: images.multus, masterConflist: "10-kindnet.conflist" },
            inside,
        );
        const nodeRoutes = new NodeRoutes(
            `${name}-node-routes`,
            { cluster, networks: plan.networks, image: images.toolbox },
            inside,
        );
        const attachments = plan.networks.map(
            (network) =>
                new Attachment(
                    `${name}-${network.name}`,
                    { cluster, multus, network: network.name, namespace: NAMESPACE },
                    inside,
                ),
        );
        return new Demo(
            `${name}-demo`,
            {
                cluster,
                networks: plan.networks.map((network) => network.name),
                namespace: NAMESPACE,
                image: images.toolbox,
                after: [nodeRoutes, ...attachments],
            },
            inside,
        );
    }
}

function owner({ project, stack }: Plan) {
    return { project, stack };
}
