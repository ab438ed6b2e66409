import { join, resolve } from "node:path";
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
import type { TestbedConfig } from "../plan/config/testbedConfig.ts";
import { topologyDiagram } from "../plan/diagram.ts";
import type { ChartName, Images } from "../plan/images.ts";
import { Multus } from "./multus.ts";
import { NodeAgent } from "./nodeAgent.ts";
import { ConnectivityCheck } from "./connectivityCheck.ts";
import { typeOf } from "../plan/networks/types.ts";
import type { ClusterPlan, NetworkPlan, NodeRanges, Plan } from "../plan/plan.ts";
import { primaryOf } from "../plan/primaries/types.ts";
import { hostOf, type Host } from "../stack/host.ts";
import { clusterOutputs, nextCommands, type ClusterOutputs } from "../stack/outputs.ts";
import { planned, planOn } from "../stack/planned.ts";
import { withSecrets } from "../stack/secrets.ts";

export interface TestbedOptions extends pulumi.ComponentResourceOptions {
    /**
     * Folder for what belongs to the project on this machine: kubeconfig files, CNI plugins.
     * @default .multinet, in the folder of the project
     */
    stateDir?: string;
    /** Sections of the configuration whose values are kept secret. */
    secrets?: ReadonlySet<string>;
    /** What there is to know of this machine; looked up where it is left out. */
    host?: Host;
}

/** Where the attachments and the demo pods live: a pod of your own there needs nothing but the annotation. */
const NAMESPACE = "default";

/** What is there once all resources are registered. */
interface Built {
    clusters: Cluster[];
    check: ConnectivityCheck;
    ranges: pulumi.Output<NodeRanges>;
    /** By cluster: its kubeconfig, once its networks are there. */
    kubeconfigs: pulumi.Output<string>[];
}

/**
 * Everything that one stack brings up: a bridge, clusters on it, extra networks across them, and the check that packets
 * flow. Throws, and rejects, with one error that lists all problems, before any resource is registered.
 */
export class Testbed extends pulumi.ComponentResource<Built> {
    readonly plan: Plan;
    /** The docker network that all nodes share. */
    readonly bridge: { name: string; subnet: string; gateway: string };
    readonly clusters: Record<string, ClusterOutputs>;
    /** The kubeconfig of each cluster, secret. A resource that uses one is made when the networks of its cluster are. */
    readonly kubeconfigs: Record<string, pulumi.Output<string>>;
    /** The images that its nodes have. */
    readonly images: pulumi.Output<Images>;
    /** By network: how many cells are green. `npm run verify` measures and shows each. */
    readonly matrix: ConnectivityCheck["matrix"];
    /** The matrix in one line. */
    readonly reachability: pulumi.Output<string>;
    /** The picture, as Mermaid text. */
    readonly topology: pulumi.Output<string>;
    /** Commands to type next. */
    readonly next: pulumi.Output<string[]>;
    private readonly name: string;
    private readonly host: Promise<Host>;
    /** The plan as this machine's docker network carries it. */
    private readonly planned: Promise<Plan>;
    private readonly runtime: "docker" | "podman";

    constructor(name: string, config: TestbedConfig, options: TestbedOptions = {}) {
        const { stateDir = resolve(".multinet"), secrets = new Set(), host, ...opts } = options;
        const checked = planned(config, secrets);
        const known = host ? Promise.resolve(host) : hostOf(checked, stateDir, secrets);
        // Nor is the component itself registered before this machine is known to do.
        const dependsOn = known.then(() => opts.dependsOn ?? []) as Promise<pulumi.Resource[]>;
        super("multinet:components:Testbed", name, {}, { ...opts, dependsOn });
        this.name = name;
        this.plan = withSecrets(checked.plan, secrets);
        this.runtime = checked.topology.runtime;
        this.host = known;
        this.planned = known.then(({ bridge }) =>
            withSecrets(planOn(checked, bridge?.mtu), secrets),
        );
        this.bridge = this.plan.bridge;
        this.images = pulumi.output(known.then(({ images }) => images));
        const built = this.getData();
        const ranges = pulumi.output(built.then(({ ranges }) => ranges));
        const byName = <T>(of: (cluster: ClusterPlan, i: number) => T) =>
            Object.fromEntries(this.plan.clusters.map((plan, i) => [plan.name, of(plan, i)]));
        this.clusters = byName((cluster, i) => {
            const made = built.then(({ clusters }) => clusters[i]!);
            return clusterOutputs(this.plan, cluster, {
                kubeconfigPath: pulumi.output(made.then((one) => one.kubeconfigPath)),
                nodeAddresses: pulumi.output(made.then((one) => one.nodeAddresses)),
                ranges,
            });
        });
        this.kubeconfigs = byName((_, i) =>
            pulumi.secret(built.then(({ kubeconfigs }) => kubeconfigs[i]!)),
        );
        this.matrix = pulumi.output(built.then(({ check }) => check.matrix));
        this.reachability = pulumi.output(built.then(({ check }) => check.summary));
        this.topology = ranges.apply((all) => topologyDiagram(this.plan, all));
        this.next = nextCommands(this.plan, this.clusters);
    }

    protected override async initialize(): Promise<Built> {
        await Promise.resolve(); // the constructor goes on, and sets all fields
        return this.build(await this.host, await this.planned);
    }

    private build(host: Host, plan: Plan): Built {
        const { name, runtime } = this;
        const engine = new ContainerEngine(`${name}-engine`, { runtime }, { parent: this });
        const inEngine = {
            parent: this,
            dependsOn: [engine],
            provider: new docker.Provider("docker", host.engineAccess, { parent: this }),
        };
        const bridge = new Bridge(
            `${name}-bridge`,
            {
                ...plan.bridge,
                ...host.bridge,
                owner: owner(plan),
            },
            inEngine,
        );
        const nodeImage = new docker.RemoteImage(
            `${name}-node-image`,
            { name: host.images.node, keepLocally: true },
            inEngine,
        );
        const clusters = plan.clusters.map((cluster) =>
            this.cluster(cluster, host, { bridge, engine, nodeImage }),
        );
        const contents = clusters.map((cluster) => this.contents(cluster, plan.networks, host));
        const ranges = contents.flatMap(({ ranges }) => ranges);
        const check = new ConnectivityCheck(
            `${name}-reachability`,
            {
                clusters,
                demos: contents.map(({ demo }) => demo),
                namespace: NAMESPACE,
                plan: plan.reachability,
                ranges,
            },
            { parent: this },
        );
        return {
            clusters,
            check,
            ranges: pulumi
                .all(ranges.map((one) => one.ranges))
                .apply((all) => Object.assign({}, ...all) as NodeRanges),
            kubeconfigs: clusters.map(({ kubeconfig }, i) =>
                pulumi.all([kubeconfig, contents[i]!.demo.release.urn]).apply(([text]) => text),
            ),
        };
    }

    private cluster(
        plan: ClusterPlan,
        { images, cniPlugins, archives, registries, kubeconfigs }: Host,
        on: { bridge: Bridge; engine: ContainerEngine; nodeImage: docker.RemoteImage },
    ): Cluster {
        return new Cluster(
            plan.name,
            {
                plan,
                network: on.bridge.networkName,
                image: images.node,
                owner: owner(this.plan),
                runtime: this.runtime,
                cniPlugins,
                archives,
                registries,
                engine: on.engine.id,
                kubeconfigPath: join(kubeconfigs, `${plan.name}.yaml`),
            },
            { parent: this, dependsOn: [on.nodeImage] },
        );
    }

    /** What runs inside one cluster. Nothing here waits for another cluster. */
    private contents(cluster: Cluster, all: NetworkPlan[], host: Host) {
        const { images } = host;
        const name = cluster.plan.name;
        const inside = { parent: cluster };
        const networks = all.filter(({ clusters }) => clusters.includes(name));
        const primary = this.primary(cluster, host);
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
        const extras = networks.flatMap((network) => this.extra(cluster, network, multus, host));
        const installed = [...primary, ...extras];
        const nodeAgent = new NodeAgent(
            `${name}-node-routes`,
            {
                cluster,
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

    /** The cluster's own network, where it is not kind's. */
    private primary(cluster: Cluster, host: Host): InstalledChart[] {
        const { plan } = cluster;
        const type = primaryOf(plan);
        if (!type.installs) {
            return [];
        }
        const values = type.values?.(plan, plan.settings ?? {}) ?? {};
        return [this.install(type.installs.chart, host, { cluster, values })];
    }

    /** What an extra network installs. After Multus, which has put itself in front of the primary network then. */
    private extra(
        cluster: Cluster,
        network: NetworkPlan,
        multus: Multus,
        host: Host,
    ): InstalledChart[] {
        const type = typeOf(network);
        if (!type.installs) {
            return [];
        }
        return [
            this.install(type.installs.chart, host, {
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
        { charts, mirror }: Host,
        args: Omit<InstalledChartArgs, "chart" | "mirror">,
    ): InstalledChart {
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
