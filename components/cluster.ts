import { setImmediate as nextTurn } from "node:timers/promises";
import * as command from "@pulumi/command";
import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { KindCluster, ReleaseInventory } from "../provider/sdk.ts";
import type { Registries } from "../provider/kind/registries.ts";
import type { ReleaseName } from "../provider/helm/release.ts";
import type { Archive } from "../plan/images.ts";
import { kindConfig } from "../plan/kindConfig.ts";
import type { ClusterPlan } from "../plan/plan.ts";

export interface ClusterArgs {
    plan: ClusterPlan;
    /** The docker network that the node containers join. */
    network: pulumi.Input<string>;
    image: pulumi.Input<string>;
    owner: { project: string; stack: string };
    runtime: "docker" | "podman";
    /** Where the cluster's kubeconfig goes; mode 0600, nothing else is written there. */
    kubeconfigPath: string;
    /** See `KindClusterArgs`. */
    cniPlugins?: string | undefined;
    /** To load into every node. */
    archives: Archive[];
    /** See `KindClusterArgs`; kept secret, as there are logins in it. */
    registries?: Registries | undefined;
    /** See `KindClusterArgs`. */
    engine: pulumi.Input<string>;
}

/**
 * One kind cluster, and the way into it.
 *
 * What it leaves on your host: a container and an anonymous volume per node, one kubeconfig file. Your own kubeconfig
 * is never touched.
 */
export class Cluster extends pulumi.ComponentResource {
    readonly plan: ClusterPlan;
    readonly kubeconfigPath: pulumi.Output<string>;
    /** Secret. */
    readonly kubeconfig: pulumi.Output<string>;
    /** Hash of the cluster's certificate authority: another value means another cluster. */
    readonly identity: pulumi.Output<string>;
    /** Container address of each node, by node name. */
    readonly nodeAddresses: pulumi.Output<Record<string, string>>;
    private readonly provider: k8s.Provider;
    private readonly inventory: ReleaseInventory;
    private readonly releases: ReleaseName[] = [];
    private readonly archives: command.local.Command[];

    constructor(name: string, args: ClusterArgs, opts?: pulumi.ComponentResourceOptions) {
        // Not the whole plan: each node's routes to all others would make the state grow quadratically.
        const { index, podSubnet, serviceSubnet } = args.plan;
        super("multinet:components:Cluster", name, { index, podSubnet, serviceSubnet }, opts);
        this.plan = args.plan;
        const kind = new KindCluster(
            `${name}-kind`,
            {
                name: args.plan.kindName,
                config: kindConfig(args.plan),
                nodes: args.plan.nodes.map((node) => node.name),
                network: args.network,
                image: args.image,
                memory: args.plan.memory,
                kubeconfigPath: args.kubeconfigPath,
                owner: args.owner,
                runtime: args.runtime,
                cniPlugins: args.cniPlugins,
                archives: args.archives.map(({ path }) => path),
                registries: args.registries && pulumi.secret(args.registries),
                engine: args.engine,
            },
            { parent: this },
        );
        this.kubeconfigPath = kind.kubeconfigPath;
        this.kubeconfig = kind.kubeconfig;
        this.identity = kind.ca;
        this.nodeAddresses = kind.nodeAddresses;
        this.inventory = new ReleaseInventory(
            `${name}-inventory`,
            {
                kubeconfigPath: kind.kubeconfigPath,
                ca: kind.ca,
                nodeAddresses: kind.nodeAddresses,
                releases: this.allReleases(),
            },
            { parent: this },
        );
        this.provider = new k8s.Provider(
            `${name}-kubernetes`,
            {
                kubeconfig: kind.kubeconfig,
                clusterIdentifier: kind.ca,
                // A refresh leaves what is in a cluster that was deleted by hand for the next update to recreate.
                skipUpdateUnreachable: true,
            },
            // The inventory waits until the API answers; so in an update nothing is skipped.
            { parent: this, dependsOn: [this.inventory] },
        );
        this.archives = args.archives.map((archive) =>
            this.load(name, archive, args.runtime, kind),
        );
        this.registerOutputs({
            kubeconfigPath: this.kubeconfigPath,
            nodeAddresses: this.nodeAddresses,
        });
    }

    /**
     * Options for everything that lives inside the cluster. Its provider is replaced exactly when the cluster is
     * another one; `deletedWith` the provider then spares every delete call against a cluster that is gone. The
     * cluster itself would not do there: the engine deletes its dependents before it marks it as deleted.
     * `after` is what else must be in place first.
     */
    inside(parent: pulumi.Resource, after: pulumi.Resource[] = []): pulumi.CustomResourceOptions {
        return {
            parent,
            provider: this.provider,
            deletedWith: this.provider,
            dependsOn: [...this.archives, ...after],
        };
    }

    /**
     * Tells the inventory of a release, and returns what changes when something inside it was found damaged: as one of its
     * values, that makes the release be upgraded, and heal.
     */
    declare(release: ReleaseName): pulumi.Output<string> {
        if (Object.isFrozen(this.releases)) {
            throw new Error(`release ${release.name} of ${this.plan.name} is declared too late`);
        }
        this.releases.push(release);
        return this.repair(release.name);
    }

    /** The value that `declare` returned. */
    repair(release: string): pulumi.Output<string> {
        return this.inventory.repairs.apply((repairs) => repairs[release] ?? "0");
    }

    /** What the program will have declared when it ends: it declares everything before it first waits. */
    private async allReleases(): Promise<ReleaseName[]> {
        await nextTurn();
        return Object.freeze(this.releases.sort(byName)) as ReleaseName[];
    }

    /** Loads an archive into all nodes; a worker that joins later gets it from `KindCluster`. */
    private load(
        name: string,
        { path, digest }: Archive,
        runtime: ClusterArgs["runtime"],
        kind: KindCluster,
    ): command.local.Command {
        return new command.local.Command(
            `${name}-archive-${path.replace(/[^A-Za-z0-9]+/g, "-")}`,
            {
                create: 'kind load image-archive "$ARCHIVE" --name "$CLUSTER"',
                interpreter: ["/bin/sh", "-euc"],
                environment: {
                    ARCHIVE: path,
                    CLUSTER: kind.name,
                    KIND_EXPERIMENTAL_PROVIDER: runtime,
                },
                triggers: [kind.ca, kind.nodes, digest],
            },
            { parent: this, deleteBeforeReplace: true },
        );
    }
}

function byName(a: ReleaseName, b: ReleaseName): number {
    return `${a.namespace}/${a.name}` < `${b.namespace}/${b.name}` ? -1 : 1;
}
