import { z } from "zod";
import { PUBLISHED } from "../images.ts";
import { PRIMARY_TYPES } from "../primaries/types.ts";
import type { PrimaryType } from "../primaries/primaryType.ts";
import * as fields from "./fields.ts";
import { key } from "./key.ts";
import { refine, image, range, whole } from "./refine.ts";

/** Most nodes of one cluster: a check against slips, since every node is a whole Kubernetes node on one machine. */
const MOST_NODES = 32;

/** Most demo Deployments of one cluster. */
const MOST_DEMOS = 500;

const nodes = whole(
    1,
    MOST_NODES,
    "a cluster has one control plane and up to 31 workers, each a whole Kubernetes node on this machine",
);

const index = whole(0, 2 ** 24 - 1, "it is the position of a block of addresses, counted from 0");

const podSubnet = refine(
    z.string(),
    fields.rangeOf(8, 24, "Kubernetes gives each node a /24 of it and takes at most a /8"),
);

const serviceSubnet = refine(
    z.string(),
    fields.rangeOf(12, 28, "Kubernetes needs ten addresses for itself and takes at most a /12"),
);

/** Keys of a cluster, without the sections of primary networks. */
const clusterKeys = {
    nodes: key(
        nodes.default(1),
        `number of nodes, 1 to ${MOST_NODES}; the first is the control plane, which takes pods as well`,
        { example: "3" },
    ),
    index: key(
        index.optional(),
        "place of the cluster's block in every range, from 0; it never changes when others come or go",
        { example: "3", otherwise: "the number at the end of the name", decides: true },
    ),
    podSubnet: key(podSubnet.optional(), "primary pod addresses, /8 to /24", {
        example: '"10.65.0.0/16"',
        otherwise: "block `index` of `addresses.pods`",
        decides: true,
    }),
    serviceSubnet: key(serviceSubnet.optional(), "Service addresses, /12 to /28", {
        example: '"10.129.0.0/16"',
        otherwise: "block `index` of `addresses.services`",
        decides: true,
    }),
    memory: key(
        refine(z.string(), fields.memory).default("4GiB"),
        "limit of each node's container, at least 1GiB; a limit, not a reservation",
        { example: '"4GiB"' },
    ),
};

/** One cluster, under its name. */
export function clusterSchema() {
    return z.strictObject({
        ...clusterKeys,
        primary: key(
            z.enum(PRIMARY_TYPES.map(({ name }) => name)).default("kindnet"),
            `the cluster's own network, which every pod has as eth0: ${listed(PRIMARY_TYPES.map(({ name }) => name))}`,
            { example: "calico", decides: true },
        ),
        kubeProxyMode: key(
            z.enum(["iptables", "nftables"]).default("iptables"),
            "how kube-proxy programs Services: `iptables` or `nftables`; Calico's data plane follows",
            { example: "nftables" },
        ),
        ...Object.fromEntries(
            PRIMARY_TYPES.flatMap((type) => {
                const schema = settingsSchema(type);
                const { section = "", example = "{}" } = type.text ?? {};
                return schema ? [[type.name, key(schema.optional(), section, { example })]] : [];
            }),
        ),
    });
}

/** The settings of a primary network; undefined if there are none. */
export function settingsSchema({ keys }: PrimaryType) {
    return keys && z.strictObject(keys);
}

/** What a cluster sets of a primary network, which may be another than its own. */
export function settingsOf(cluster: ClusterConfig, { name }: PrimaryType): object | undefined {
    return (cluster as unknown as Record<string, object | undefined>)[name];
}

/** `a`, `b` or `c`. */
function listed(names: string[]): string {
    const codes = names.map((name) => `\`${name}\``);
    return `${codes.slice(0, -1).join(", ")} or ${codes.at(-1)}`;
}

/** Where clusters take their primary addresses from, unless they state their own. */
export const addressesSchema = z.strictObject({
    pods: key(range.default("10.64.0.0/10"), "range of all pod subnets", {
        example: '"10.64.0.0/10"',
        decides: true,
    }),
    services: key(range.default("10.128.0.0/10"), "range of all Service subnets", {
        example: '"10.128.0.0/10"',
        decides: true,
    }),
    clusterPrefix: key(
        whole(
            12,
            24,
            "Kubernetes takes service subnets up to /12, and a pod subnet holds at least one node's /24",
        ).default(16),
        "prefix length of each cluster's subnets, 12 to 24",
        { example: "16", decides: true },
    ),
});

/** The docker network that all nodes of the stack share. */
export const bridgeSchema = z.strictObject({
    subnet: key(range.optional(), "range of the docker network that the nodes of the stack share", {
        example: '"10.201.4.0/22"',
        otherwise: "one /22 of `10.192.0.0/10`, by a hash of project and stack",
        decides: true,
    }),
});

/** The demo workloads, by which the reachability of pods is shown. */
export const demoSchema = z.strictObject({
    deployments: key(
        whole(
            1,
            MOST_DEMOS,
            "the proof needs a pod in every cluster, and measures every pair of pods",
        ).optional(),
        "demo Deployments in each cluster, one pod each, spread over its nodes in turn: `demo1`, `demo2` ...",
        { example: "2", otherwise: "2, or the number of nodes if that is more", decides: true },
    ),
    plain: key(
        whole(0, MOST_DEMOS, "it is a number of pods, of which every pair is measured").default(0),
        "further ones with the primary network only, spread on: `plain1`, `plain2` ...; every pair with one of them is measured on `primary`",
        { example: "1", decides: true },
    ),
});

/** Where images come from. */
export const imagesSchema = z.strictObject({
    mirror: key(
        refine(z.string(), fields.mirror).optional(),
        "registry host and path from which all images come that are not named here; `http://` before it if the registry speaks no TLS",
        {
            example: '"registry.example.com:5000/mirror"',
            otherwise: "the publishers' registries",
        },
    ),
    ca: key(
        refine(z.string(), fields.file).optional(),
        "path of the certificates (PEM) that sign the mirror's; nodes trust them",
        {
            example: '"./registry-ca.pem"',
            otherwise: "those that the container engine trusts for the mirror",
        },
    ),
    node: key(image.optional(), "full reference of the image of the kind nodes", {
        example: `"${PUBLISHED.node}"`,
        otherwise: "pinned in `plan/versions.ts`",
    }),
    multus: key(image.optional(), "full reference of the image of Multus (thin)", {
        example: `"${PUBLISHED.multus}"`,
        otherwise: "pinned in `plan/versions.ts`",
    }),
    toolbox: key(
        image.optional(),
        "full reference of the image of the node agent and the demo pods; the agent takes bash, nft, conntrack, flock, jq and curl of it",
        {
            example: `"${PUBLISHED.toolbox}"`,
            otherwise: "pinned in `plan/versions.ts`",
        },
    ),
    archives: key(
        z.array(refine(z.string(), fields.archive)).default([]),
        "paths of image archives to load into every node",
        { example: '["./images/demo.tar"]', otherwise: "none" },
    ),
});

/** What runs the node containers. */
export const runtimeSchema = z.enum(["docker", "podman"]);

/** A cluster's section, without the settings of its own network: see `settingsOf`. */
export type ClusterConfig = z.output<z.ZodObject<typeof clusterKeys>> & {
    /** Name of a primary type. */
    primary: string;
    kubeProxyMode: "iptables" | "nftables";
};
export type AddressesConfig = z.output<typeof addressesSchema>;
export type BridgeConfig = z.output<typeof bridgeSchema>;
export type DemoConfig = z.output<typeof demoSchema>;
export type ImagesConfig = z.output<typeof imagesSchema>;
export type Runtime = z.output<typeof runtimeSchema>;
