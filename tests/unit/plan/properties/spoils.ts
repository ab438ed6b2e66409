import { type Config, withCluster, withNetwork } from "./randomConfig.ts";

/** Ways to spoil a valid configuration, and the key at which that is told. */
export const SPOILS: ((config: Config, cluster: string) => [spoilt: object, key: RegExp])[] = [
    ...[0, -3, 1.5, 1e6, "2", null, true, [], {}].map(
        (nodes) => (config: Config, cluster: string) =>
            [withCluster(config, cluster, { nodes }), /^clusters\..*\.nodes$/] as [object, RegExp],
    ),
    ...[-1, 0.5, 2 ** 24, 1e9, "x"].map(
        (index) => (config: Config, cluster: string) =>
            [withCluster(config, cluster, { index }), /^clusters\..*\.index$/] as [object, RegExp],
    ),
    ...["", "10", "10.0.0.0", "10.0.0.1/8", "::/0", "0.0.0.0/0", "127.0.0.0/16", "1.2.3.0/33"].map(
        (podSubnet) => (config: Config, cluster: string) =>
            [withCluster(config, cluster, { podSubnet }), /^clusters\..*\.podSubnet$/] as [
                object,
                RegExp,
            ],
    ),
    (config) => [withNetwork(config, { type: "vlan" }), /^networks\.new\.type$/],
    (config) => [
        {
            ...config,
            networks: {
                new: { type: "ptp", cidr: "16.0.0.0/8" },
                newer: { type: "ptp", cidr: "16.0.0.0/9" },
            },
        },
        /^networks\.newer\.cidr$/,
    ],
    (config) => [withNetwork(config, { type: "ptp", mtu: 9000 }), /^networks\.new\.mtu$/],
    (config) => [
        withNetwork(config, { type: "ptp", cidr: "16.0.0.0/8", clusterPrefix: 24 }),
        /^networks\.new\.nodePrefix$/,
    ],
    (config) => [withNetwork(config, { type: "cilium" }), /^networks\.new\.cidr$/],
    (config) => [withNetwork(config, { type: "macvlan" }), /^networks\.new\.cidr$/],
    (config) => [withNetwork(config, { type: "ptp", clusters: [] }), /^networks\.new\.clusters$/],
    (config) => [
        withNetwork(config, { type: "bridge", clusters: ["nowhere"] }),
        /^networks\.new\.clusters\[0\]$/,
    ],
    (config) => [
        withNetwork(config, { type: "cilium", cidr: "16.0.0.0/16", values: { MTU: 9000 } }),
        /^networks\.new\.values\.MTU$/,
    ],
    (config) => [
        withNetwork(config, { type: "cilium", cidr: "16.0.0.0/24" }),
        /^networks\.new\.nodePrefix$/,
    ],
    (config, cluster) => [
        {
            ...withCluster(config, cluster, { primary: "cilium" }),
            networks: { new: { type: "cilium", cidr: "16.0.0.0/16" } },
        },
        /^networks\.new\.clusters$/,
    ],
    (config, cluster) => [
        withCluster(config, cluster, { primary: "kindnet", calico: {} }),
        /^clusters\..*\.calico$/,
    ],
    (config, cluster) => [
        withCluster(config, cluster, { primary: "flannel" }),
        /^clusters\..*\.primary$/,
    ],
    (config) => [{ ...config, demo: { plain: 400 } }, /^demo\.plain$/],
    (config) => [{ ...config, clusters: { ...config.clusters, Bad_1: {} } }, /^clusters\.Bad_1$/],
    (config) => [
        { ...config, clusters: { ...config.clusters, none: {} } },
        /^clusters\.none\.index$/,
    ],
    (config) => [{ ...config, clusters: [] }, /^clusters$/],
    (config) => [{ ...config, runtime: "lxc" }, /^runtime$/],
    (config) => [{ ...config, bridge: { subnet: "15.0.0.0/31" } }, /^bridge\.subnet$/],
    (config) => [{ ...config, demo: { deployments: 400 } }, /^demo\.deployments$/],
    (config) => [{ ...config, bridges: {} }, /^bridges$/],
];
