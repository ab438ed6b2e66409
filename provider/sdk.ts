import * as pulumi from "@pulumi/pulumi";
import type { ReleaseName } from "./helm/release.ts";
import type { Registries } from "./kind/registries.ts";
import type { MatrixInputs, PodRef, Protocol } from "./matrix/inputs.ts";
import type { RuntimeName } from "./runtime/runtime.ts";

export interface ContainerEngineArgs {
    /** The program that it is used through. */
    runtime: pulumi.Input<RuntimeName>;
}

/**
 * The container engine that a stack lives in, recorded by its id. A preview, refresh or update with another engine is
 * refused, before anything that depends on this resource.
 */
export class ContainerEngine extends pulumi.CustomResource {
    /** Where it answered when it was recorded. */
    declare readonly address: pulumi.Output<string>;

    constructor(name: string, args: ContainerEngineArgs, opts?: pulumi.CustomResourceOptions) {
        super("multinet:index:ContainerEngine", name, { address: undefined, ...args }, opts);
    }
}

export interface KindClusterArgs {
    /** Name for kind; the node containers are called `<name>-control-plane`, `<name>-worker`, `<name>-worker2` ... */
    name: pulumi.Input<string>;
    /** A kind configuration (v1alpha4, YAML) with one control plane. */
    config: pulumi.Input<string>;
    /** The node containers, control plane first, as the configuration makes them. */
    nodes: pulumi.Input<string[]>;
    /** The existing container network that the nodes join. It also tells own containers from foreign ones. */
    network: pulumi.Input<string>;
    /** The node image. */
    image: pulumi.Input<string>;
    /** Memory limit of each node container, e.g. `4GiB`. */
    memory: pulumi.Input<string>;
    /** Where the kubeconfig goes, absolute or from the project folder; mode 0600. */
    kubeconfigPath: pulumi.Input<string>;
    /** Written on the Kubernetes nodes as the labels `multinet.dev/project` and `multinet.dev/stack`. */
    owner: pulumi.Input<{ project: string; stack: string }>;
    /** The container engine, by the program that it is used through. */
    runtime: pulumi.Input<RuntimeName>;
    /**
     * A folder of this machine, absolute, which every node sees read-only at `/opt/multinet/cni-plugins`. Another one is
     * for nodes made from then on: those that run keep the folder they were made with, and none is replaced for it.
     */
    cniPlugins?: pulumi.Input<string> | undefined;
    /** Image archives, paths from the project folder, that a worker gets which joins the running cluster. */
    archives?: pulumi.Input<string[]> | undefined;
    /**
     * How nodes reach registries that want a certificate authority of their own (PEM), a login (base64 of `user:password`)
     * or HTTP, by host and port. Make it a secret if there is a login.
     */
    registries?: pulumi.Input<Registries> | undefined;
    /** Id of the container engine, as `ContainerEngine` gives it: nothing is called gone in another one. */
    engine?: pulumi.Input<string> | undefined;
}

/** A kind cluster and its kubeconfig file, compared with the real world in every preview. */
export class KindCluster extends pulumi.CustomResource {
    /** Its name for kind. */
    declare readonly name: pulumi.Output<string>;
    /** The node containers, control plane first. */
    declare readonly nodes: pulumi.Output<string[]>;
    /** Where the kubeconfig file is. */
    declare readonly kubeconfigPath: pulumi.Output<string>;
    /** Content of the kubeconfig file; a secret. */
    declare readonly kubeconfig: pulumi.Output<string>;
    /** SHA-256 of the cluster's certificate authority: another value means another cluster. */
    declare readonly ca: pulumi.Output<string>;
    /** Address of each node container on the network, by node name. */
    declare readonly nodeAddresses: pulumi.Output<Record<string, string>>;
    /** Id of each node container, by node name. */
    declare readonly containers: pulumi.Output<Record<string, string>>;
    /** URL of the Kubernetes API on this machine. */
    declare readonly endpoint: pulumi.Output<string>;

    constructor(name: string, args: KindClusterArgs, opts?: pulumi.CustomResourceOptions) {
        const outputs = {
            kubeconfig: undefined,
            ca: undefined,
            nodeAddresses: undefined,
            containers: undefined,
            endpoint: undefined,
        };
        super("multinet:index:KindCluster", name, { ...outputs, ...args }, opts);
    }
}

export interface ReleaseInventoryArgs {
    /** A kubeconfig file of the cluster. */
    kubeconfigPath: pulumi.Input<string>;
    /** Identity of the cluster, as `KindCluster` gives it. */
    ca: pulumi.Input<string>;
    /** Node addresses as `KindCluster` gives them: unknown while a node must be started, and then nothing is asked. */
    nodeAddresses: pulumi.Input<Record<string, string>>;
    /** The releases of this stack in the cluster. No other is looked at or touched. */
    releases: pulumi.Input<ReleaseName[]>;
}

/** What the Helm releases of a cluster should have there, compared with what is there in every preview. */
export class ReleaseInventory extends pulumi.CustomResource {
    /** By name: a counter per release that was ever found damaged; to be one of the release's values so that it heals. */
    declare readonly repairs: pulumi.Output<Record<string, string>>;

    constructor(name: string, args: ReleaseInventoryArgs, opts?: pulumi.CustomResourceOptions) {
        super("multinet:index:ReleaseInventory", name, { repairs: undefined, ...args }, opts);
    }
}

export interface RolloutArgs {
    /** A kubeconfig file of the cluster. */
    kubeconfigPath: pulumi.Input<string>;
    /** Identity of the cluster, as `KindCluster` gives it. */
    ca: pulumi.Input<string>;
    /** Namespace of the DaemonSet. */
    namespace: pulumi.Input<string>;
    /** Name of the DaemonSet. */
    daemonSet: pulumi.Input<string>;
    /** Of the release that installed it: each one is waited for. */
    revision: pulumi.Input<number>;
}

/** A DaemonSet of a release, ready on every node. Fails after 300 seconds with what each pod lacks. */
export class Rollout extends pulumi.CustomResource {
    constructor(name: string, args: RolloutArgs, opts?: pulumi.CustomResourceOptions) {
        super("multinet:index:Rollout", name, { ...args }, opts);
    }
}

export interface CiliumNodesArgs {
    /** A kubeconfig file of the cluster. */
    kubeconfigPath: pulumi.Input<string>;
    /** Identity of the cluster, as `KindCluster` gives it. */
    ca: pulumi.Input<string>;
    /** Node addresses as `KindCluster` gives them: unknown while a node must be started, and then nothing is asked. */
    nodeAddresses: pulumi.Input<Record<string, string>>;
    /** The nodes that need a range, by name. */
    nodes: pulumi.Input<string[]>;
    /** Namespace of Cilium's agents. */
    namespace: pulumi.Input<string>;
}

/** What Cilium gave to each node; there when every node has a range and an agent that is ready. */
export class CiliumNodes extends pulumi.CustomResource {
    /** By node: the range of its pods' addresses, and the agent's own address in it. */
    declare readonly ranges: pulumi.Output<Record<string, { range: string; router: string }>>;

    constructor(name: string, args: CiliumNodesArgs, opts?: pulumi.CustomResourceOptions) {
        super("multinet:index:CiliumNodes", name, { ranges: undefined, ...args }, opts);
    }
}

export interface ReachabilityMatrixArgs {
    /** The clusters, as `KindCluster` describes them, by logical name. */
    clusters: pulumi.Input<
        pulumi.Input<{
            /** Logical name of the cluster. */
            name: pulumi.Input<string>;
            /** A kubeconfig file of the cluster. */
            kubeconfigPath: pulumi.Input<string>;
            /** Identity of the cluster. */
            ca: pulumi.Input<string>;
            /** Those that the nodes had last: other ones are measured again. */
            nodeAddresses: pulumi.Input<Record<string, string>>;
        }>[]
    >;
    /** Namespace of the demo pods. */
    namespace: pulumi.Input<string>;
    /** What is asked on each network, and which addresses each node gives out there. */
    networks: pulumi.Input<
        pulumi.Input<{
            /** Name of the network; `primary` is the one of the cluster's CNI. */
            name: pulumi.Input<string>;
            /** What each of its pairs is asked, in this order. */
            protocols: pulumi.Input<Protocol[]>;
            /** By node: the CIDR of its pods' addresses. Nodes that are missing may give any. */
            slices: pulumi.Input<Record<string, pulumi.Input<string>>>;
            /** Bytes that must pass in one piece. */
            mtu?: pulumi.Input<number>;
            /** Its packets are wrapped up between nodes, which have no routes to it. */
            overlay?: pulumi.Input<boolean>;
        }>[]
    >;
    /** Which pod must reach which other, over which network. */
    pairs: pulumi.Input<MatrixInputs["pairs"]>;
    /** Addresses that no pod has, and the node that must say so. */
    free: pulumi.Input<MatrixInputs["free"]>;
    /** Which pod sends to which group, and which other must get that or must not. */
    multicast: pulumi.Input<MatrixInputs["multicast"]>;
    /** Which pod must be alone with its address on which network. */
    unique?: pulumi.Input<{ pod: PodRef; network: string }[]>;
    /** What of the stack that covers and what not, in words for the summary. */
    scope?: pulumi.Input<string>;
}

/** Shows that packets flow: measured from inside the pods in every preview; red and flapping cells fail the update. */
export class ReachabilityMatrix extends pulumi.CustomResource {
    /** By network: how many of its cells are green. */
    declare readonly matrix: pulumi.Output<Record<string, string>>;
    /** The matrix in one line. */
    declare readonly summary: pulumi.Output<string>;

    constructor(name: string, args: ReachabilityMatrixArgs, opts?: pulumi.CustomResourceOptions) {
        const outputs = { matrix: undefined, summary: undefined };
        super("multinet:index:ReachabilityMatrix", name, { ...outputs, ...args }, opts);
    }
}
