import { z } from "zod";
import * as fields from "./fields.ts";

/** Most nodes of one cluster: a check against slips, since every node is a whole Kubernetes node on one machine. */
const MOST_NODES = 32;

/** Most demo Deployments of one cluster. */
const MOST_DEMOS = 500;

/** MTU of the docker network that joins the nodes, in bytes. */
const BRIDGE_MTU = 1500;

function checked<T>(schema: z.ZodType<T>, check: fields.Check<T>) {
    return schema.superRefine((value, context) => {
        const fault = check(value);
        if (!fault) return;
        const { reason, remedy } = fault;
        context.addIssue({ code: "custom", message: reason, params: { remedy } });
    });
}

const range = checked(z.string(), fields.range);
const image = checked(z.string(), fields.image);
const whole = (...bounds: Parameters<typeof fields.whole>) =>
    checked(z.number(), fields.whole(...bounds));
const prefixLength = whole(1, 30, "a range needs two addresses for hosts");

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
    podSubnet: checked(
        z.string(),
        fields.rangeOf(8, 24, "Kubernetes gives each node a /24 of it and takes at most a /8"),
    ).optional(),
    /**
     * Range of the Service addresses, IPv4, /12 to /28.
     * @default block `index` of `addresses.services`
     * @example "10.97.0.0/16"
     */
    serviceSubnet: checked(
        z.string(),
        fields.rangeOf(12, 28, "Kubernetes needs ten addresses for itself and takes at most a /12"),
    ).optional(),
    /**
     * Memory limit of each node's container, in MiB or GiB; a limit, not a reservation.
     * @default "4GiB"
     * @example "2GiB"
     */
    memory: checked(z.string(), fields.memory).default("4GiB"),
});

/** A network of point-to-point links: every pod has one to its node, and nodes route between each other. */
const ptpSchema = z.strictObject({
    /**
     * Kind of network.
     * @example ptp
     */
    type: z.literal("ptp"),
    /**
     * Range of the whole network, IPv4. At most one network may leave it out.
     * @default "10.0.0.0/10"
     * @example "172.16.0.0/12"
     */
    cidr: range.optional(),
    /**
     * Prefix length of the block that each cluster gets.
     * @default 16
     * @example 20
     */
    clusterPrefix: prefixLength.default(16),
    /**
     * Prefix length of the slice that each node gets from its cluster's block.
     * @default 24
     * @example 26
     */
    nodePrefix: prefixLength.default(24),
    /**
     * MTU of the pods' interfaces in bytes, 576 to 1500.
     * @default 1500
     * @example 1400
     */
    mtu: whole(
        576,
        BRIDGE_MTU,
        `IPv4 promises 576 bytes everywhere, and the docker network between the nodes carries ${BRIDGE_MTU}`,
    ).default(BRIDGE_MTU),
    /**
     * How nodes find each other's slices. `table`: every node has one route per slice of every other node.
     * @default table
     */
    routing: z.enum(["table"]).default("table"),
});

/** One extra network, under its name, which pods write in the annotation `k8s.v1.cni.cncf.io/networks`. */
export const networkSchema = z.discriminatedUnion("type", [ptpSchema]);

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
});

/** Where images come from. */
export const imagesSchema = z.strictObject({
    /**
     * Registry host and path from which all images are taken that are not named here.
     * @example "registry.example.com:5000/mirror"
     */
    mirror: checked(z.string(), fields.mirror).optional(),
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
    archives: z.array(checked(z.string(), fields.archive)).default([]),
});

/** What runs the node containers. */
export const runtimeSchema = z.enum(["docker", "podman"]);

export type ClusterConfig = z.output<typeof clusterSchema>;
export type NetworkConfig = z.output<typeof networkSchema>;
export type AddressesConfig = z.output<typeof addressesSchema>;
export type BridgeConfig = z.output<typeof bridgeSchema>;
export type DemoConfig = z.output<typeof demoSchema>;
export type ImagesConfig = z.output<typeof imagesSchema>;
export type Runtime = z.output<typeof runtimeSchema>;
