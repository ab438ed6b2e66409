import { z } from "zod";
import * as fields from "./fields.ts";
import { refine, image, range, values, whole } from "./refine.ts";

/** Most nodes of one cluster: a check against slips, since every node is a whole Kubernetes node on one machine. */
const MOST_NODES = 32;

/** Most demo Deployments of one cluster. */
const MOST_DEMOS = 500;

/** Calico as a cluster's own network. */
export const calicoSchema = z.strictObject({
    /**
     * How packets travel between nodes. `IPIP` needs a kernel with it.
     * @default VXLAN
     * @example None
     */
    encapsulation: z.enum(["VXLAN", "IPIP", "None"]).default("VXLAN"),
    /**
     * Whether the traffic between nodes is encrypted; needs a kernel with WireGuard.
     * @default false
     * @example true
     */
    wireguard: z.boolean().default(false),
    /**
     * Overrides of the tigera-operator chart's values, where the testbed does not decide them.
     * @default {}
     * @example { resources: { limits: { memory: 256Mi } } }
     */
    values,
});

/** Cilium as a cluster's own network. */
export const ciliumSchema = z.strictObject({
    /**
     * Overrides of the Cilium chart's values, where the testbed does not decide them.
     * @default {}
     * @example { debug: { enabled: true } }
     */
    values,
});

/** One cluster, under its name: lower-case letters, digits and `-`, such as `edge1`. */
export const clusterSchema = z.strictObject({
    /**
     * Number of nodes; the first is the control plane, which takes pods as well.
     * @default 1
     * @example 3
     */
    nodes: whole(
        1,
        MOST_NODES,
        "a cluster has one control plane and up to 31 workers, each a whole Kubernetes node on this machine",
    ).default(1),
    /**
     * Position of the cluster's block in every range: index 3 has block 3. It never changes when other clusters come
     * or go.
     * @default the number at the end of the cluster's name
     * @example 3
     */
    index: whole(
        0,
        2 ** 24 - 1,
        "it is the position of a block of addresses, counted from 0",
    ).optional(),
    /**
     * Range of the primary pod addresses, IPv4, /8 to /24; a node takes a /24 of it.
     * @default block `index` of `addresses.pods`
     * @example "192.168.0.0/16"
     */
    podSubnet: refine(
        z.string(),
        fields.rangeOf(8, 24, "Kubernetes gives each node a /24 of it and takes at most a /8"),
    ).optional(),
    /**
     * Range of the Service addresses, IPv4, /12 to /28.
     * @default block `index` of `addresses.services`
     * @example "10.97.0.0/16"
     */
    serviceSubnet: refine(
        z.string(),
        fields.rangeOf(12, 28, "Kubernetes needs ten addresses for itself and takes at most a /12"),
    ).optional(),
    /**
     * Memory limit of each node's container, in MiB or GiB; a limit, not a reservation.
     * @default "4GiB"
     * @example "2GiB"
     */
    memory: refine(z.string(), fields.memory).default("4GiB"),
    /**
     * The cluster's own network, which every pod has as eth0.
     * @default kindnet
     * @example calico
     */
    primary: z.enum(["kindnet", "calico", "cilium"]).default("kindnet"),
    /**
     * How kube-proxy programs Services; Calico's data plane follows.
     * @default iptables
     * @example nftables
     */
    kubeProxyMode: z.enum(["iptables", "nftables"]).default("iptables"),
    /** Only with `primary: calico`. */
    calico: calicoSchema.optional(),
    /** Only with `primary: cilium`. */
    cilium: ciliumSchema.optional(),
});

/** Where clusters take their primary addresses from, unless they state their own. */
export const addressesSchema = z.strictObject({
    /**
     * Range of all pod subnets, IPv4.
     * @default "10.64.0.0/10"
     * @example "172.16.0.0/12"
     */
    pods: range.default("10.64.0.0/10"),
    /**
     * Range of all service subnets, IPv4.
     * @default "10.128.0.0/10"
     * @example "172.16.0.0/12"
     */
    services: range.default("10.128.0.0/10"),
    /**
     * Prefix length of each cluster's pod subnet and service subnet, 12 to 24.
     * @default 16
     * @example 20
     */
    clusterPrefix: whole(
        12,
        24,
        "Kubernetes takes service subnets up to /12, and a pod subnet holds at least one node's /24",
    ).default(16),
});

/** The docker network that all nodes of the stack share. */
export const bridgeSchema = z.strictObject({
    /**
     * Its range, IPv4.
     * @default one /22 of 10.192.0.0/10, by a hash of project and stack
     * @example "10.201.4.0/22"
     */
    subnet: range.optional(),
});

/** The demo workloads, by which the reachability of pods is proved. */
export const demoSchema = z.strictObject({
    /**
     * Number of demo Deployments in each cluster, one pod each, spread over its nodes in turn.
     * @default 2, or the number of nodes if that is more
     * @example 4
     */
    deployments: whole(
        1,
        MOST_DEMOS,
        "the proof needs a pod in every cluster, and measures every pair of pods",
    ).optional(),
    /**
     * Number of further Deployments in each cluster whose pods have the primary network only.
     * @default 0
     * @example 1
     */
    plain: whole(0, MOST_DEMOS, "it is a number of pods, of which every pair is measured").default(
        0,
    ),
});

/** Where images come from. */
export const imagesSchema = z.strictObject({
    /**
     * Registry host and path from which all images are taken that are not named here.
     * @example "registry.example.com:5000/mirror"
     */
    mirror: refine(z.string(), fields.mirror).optional(),
    /**
     * Image of the kind nodes.
     * @example "docker.io/kindest/node:v1.34.0"
     */
    node: image.optional(),
    /**
     * Image of Multus (thin).
     * @example "ghcr.io/k8snetworkplumbingwg/multus-cni:v4.2.4"
     */
    multus: image.optional(),
    /**
     * Image of the node agent and the demo pods: a shell and network tools.
     * @example "docker.io/nicolaka/netshoot:v0.14"
     */
    toolbox: image.optional(),
    /**
     * Paths of image archives to load into every node.
     * @default []
     * @example ["./images/demo.tar"]
     */
    archives: z.array(refine(z.string(), fields.archive)).default([]),
});

/** What runs the node containers. */
export const runtimeSchema = z.enum(["docker", "podman"]);

export type ClusterConfig = z.output<typeof clusterSchema>;
export type CalicoConfig = z.output<typeof calicoSchema>;
export type CiliumConfig = z.output<typeof ciliumSchema>;
export type AddressesConfig = z.output<typeof addressesSchema>;
export type BridgeConfig = z.output<typeof bridgeSchema>;
export type DemoConfig = z.output<typeof demoSchema>;
export type ImagesConfig = z.output<typeof imagesSchema>;
export type Runtime = z.output<typeof runtimeSchema>;
