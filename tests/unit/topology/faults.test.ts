import assert from "node:assert/strict";
import type { RawConfig } from "../../../components/topology/draft.ts";
import { formatProblems, type Problem } from "../../../components/topology/problem.ts";
import { validateConfig } from "../../../components/topology/validate.ts";

const OWNER = { project: "multinet", stack: "dev" };

function problemsOf(config: RawConfig): Problem[] {
    const result = validateConfig(config, OWNER);
    return "problems" in result ? result.problems : [];
}

const clusters = { edge1: {}, edge2: {} };
const withEdge1 = (edge1: unknown): RawConfig => ({ clusters: { edge1, edge2: {} } });
const withName = (name: string, cluster: unknown = {}): RawConfig => ({
    clusters: { [name]: cluster, edge9: {} },
});
const withNetwork = (network: object): RawConfig => ({
    clusters,
    networks: { "data-plane": { type: "ptp", ...network } },
});
const withCilium = (network: object): RawConfig => ({
    clusters,
    networks: { cilium: { type: "cilium", cidr: "10.32.0.0/16", ...network } },
});
const withLan = (network: object): RawConfig => ({
    clusters,
    networks: { lan: { type: "macvlan", cidr: "10.32.0.0/16", ...network } },
});
const manyNodes = (nodes: number): RawConfig["clusters"] => ({ edge1: { nodes }, edge2: {} });

/** One kind of fault each: the configuration has this fault only. */
const FAULTS: [what: string, config: RawConfig, key: string, reason: RegExp, remedy: RegExp][] = [
    // What is there at all
    ["no clusters key", {}, "clusters", /There are no clusters/, /clusters: \{ edge1/],
    [
        "a network of more nodes than a matrix can have",
        {
            clusters: Object.fromEntries(
                Array.from({ length: 15 }, (_, i) => [`e${i + 1}`, { nodes: 10, memory: "1GiB" }]),
            ),
        },
        "networks.data-plane",
        /22,350 ordered pairs of nodes, and the matrix must measure each.* at most 20,000/,
        /fewer clusters join: networks\.data-plane\.clusters/,
    ],
    ["empty clusters", { clusters: {} }, "clusters", /There are no clusters/, /Name one/],
    ["empty networks", { clusters, networks: {} }, "networks", /no networks/, /data-plane/],
    [
        "clusters as a list",
        { clusters: ["edge1"] },
        "clusters",
        /map.*but it is a list/,
        /edge1: \{/,
    ],
    ["clusters as text", { clusters: "edge1" }, "clusters", /but it is text/, /edge1: \{/],
    ["unknown section", { clusters, network: {} }, "network", /"networks" was probably/, /Rename/],
    [
        "foreign section",
        { clusters, zzz: 1 },
        "zzz",
        /no key "zzz" here\.$/,
        /Known keys: clusters/,
    ],
    ["unknown cluster key", withEdge1({ node: 2 }), "clusters.edge1.node", /"nodes"/, /Rename/],
    [
        "key in the wrong case",
        withEdge1({ Memory: "4GiB" }),
        "clusters.edge1.Memory",
        /"memory"/,
        /R/,
    ],
    [
        "unknown network key",
        withNetwork({ mut: 1400 }),
        "networks.data-plane.mut",
        /"mtu"/,
        /Rename/,
    ],
    ["unknown demo key", { clusters, demo: { zebra: 1 } }, "demo.zebra", /no key/, /: deployments/],
    [
        "unknown images key",
        { clusters, images: { multis: "" } },
        "images.multis",
        /"multus"/,
        /Ren/,
    ],

    [
        "key of another type of network",
        withCilium({ clusterPrefix: 20 }),
        "networks.cilium.clusterPrefix",
        /no key "clusterPrefix"/,
        /Known keys: type, clusters, cidr, nodePrefix, mtu, values/,
    ],
    [
        "unknown key of Calico",
        withEdge1({ primary: "calico", calico: { encapsulatoin: "VXLAN" } }),
        "clusters.edge1.calico.encapsulatoin",
        /"encapsulation" was probably meant/,
        /Known keys: encapsulation, wireguard, values/,
    ],

    // Types
    [
        "number in quotes",
        withEdge1({ nodes: "3" }),
        "clusters.edge1.nodes",
        /text/,
        /quotes: nodes: 3$/,
    ],
    ["empty value", withEdge1({ nodes: null }), "clusters.edge1.nodes", /empty/, /nodes: 3$/],
    ["text for a cluster", withEdge1("x"), "clusters.edge1", /map.*text/, /\{ nodes: 2 \}/],
    [
        "number for a range",
        { clusters, bridge: { subnet: 10 } },
        "bridge.subnet",
        /text.*number/,
        /"10\./,
    ],
    ["text for a list", { clusters, images: { archives: "a" } }, "images.archives", /list/, /\["/],
    [
        "true for a network",
        { clusters, networks: { n: true } },
        "networks.n",
        /true or/,
        /type: ptp/,
    ],

    [
        "text for true",
        withEdge1({ primary: "calico", calico: { wireguard: "yes" } }),
        "clusters.edge1.calico.wireguard",
        /true or false, but it is text/,
        /wireguard: true/,
    ],
    [
        "text for values",
        withEdge1({ primary: "cilium", cilium: { values: "debug" } }),
        "clusters.edge1.cilium.values",
        /map.*text/,
        /values: \{/,
    ],
    [
        "text for a list of clusters",
        withNetwork({ clusters: "edge1" }),
        "networks.data-plane.clusters",
        /list.*text/,
        /clusters: \[edge1, edge2\]/,
    ],

    // Names
    ["upper case", withName("Edge1"), "clusters.Edge1", /lower-case/, /"edge1"/],
    ["underscore", withName("edge_1"), "clusters.edge_1", /lower-case/, /"edge-1"/],
    ["leading dash", withName("-edge1"), 'clusters["-edge1"]', /first a letter/, /"edge1"/],
    ["leading digit", withName("1edge1"), 'clusters["1edge1"]', /first a letter/, /"edge1"/],
    ["dots", withName("a..b1"), 'clusters["a..b1"]', /host names/, /"a-b1"/],
    ["unicode", withName("küche1"), 'clusters["küche1"]', /a to z/, /"k-che1"/],
    ["trailing dash", withName("e1-", { index: 1 }), "clusters.e1-", /last a letter/, /"e1"/],
    ["empty name", withName("", { index: 1 }), 'clusters[""]', /empty/, /cluster1/],
    [
        "long name",
        withName(`${"e".repeat(30)}1`),
        `clusters.${"e".repeat(30)}1`,
        /31 char/,
        /most 30/,
    ],
    [
        "name of a network",
        { clusters, networks: { Data_Plane: { type: "ptp" } } },
        "networks.Data_Plane",
        /network.*lower-case/,
        /"data-plane"/,
    ],
    [
        "long name of a network",
        { clusters, networks: { ["n".repeat(43)]: { type: "ptp" } } },
        `networks.${"n".repeat(43)}`,
        /43 characters/,
        /at most 42/,
    ],
    [
        "reserved name of a network",
        { clusters, networks: { primary: { type: "ptp" } } },
        "networks.primary",
        /clusters' own network/,
        /another name/,
    ],
    [
        "names with the same multicast group",
        {
            clusters,
            networks: {
                n226: { type: "macvlan", cidr: "10.32.0.0/16" },
                n476: { type: "macvlan", cidr: "10.33.0.0/16" },
            },
        },
        "networks.n476",
        /"n226" and "n476" give their networks the same multicast group, 239\./,
        /Rename/,
    ],

    // Numbers of things
    ["no nodes", withEdge1({ nodes: 0 }), "clusters.edge1.nodes", /less than 1/, /1 to 32/],
    ["negative nodes", withEdge1({ nodes: -1 }), "clusters.edge1.nodes", /less than 1/, /1 to 32/],
    ["half a node", withEdge1({ nodes: 1.5 }), "clusters.edge1.nodes", /not a whole/, /1 to 32/],
    [
        "a million nodes",
        withEdge1({ nodes: 1e6 }),
        "clusters.edge1.nodes",
        /more than 32/,
        /1 to 32/,
    ],
    ["no demos", { clusters, demo: { deployments: 0 } }, "demo.deployments", /less than 1/, /1 to/],
    [
        "one demo pod in all",
        { clusters: { edge1: {} }, demo: { deployments: 1 } },
        "demo.deployments",
        /no pair of pods/,
        /at least 2/,
    ],
    [
        "one demo pod in each cluster, and a network that ends with the cluster",
        { ...withCilium({}), demo: { deployments: 1 } },
        "demo.deployments",
        /no pair of pods/,
        /at least 2/,
    ],
    [
        "one demo pod in the only cluster that joins",
        {
            ...withNetwork({ clusters: ["edge1"] }),
            clusters: { edge1: {}, edge2: {} },
            demo: { deployments: 1 },
        },
        "demo.deployments",
        /No two demo pods share a network/,
        /add a cluster/,
    ],
    ["fewer than no plain pods", { clusters, demo: { plain: -1 } }, "demo.plain", /than 0/, /0 to/],
    [
        "too many plain pods for a node",
        { clusters, demo: { plain: 49 } },
        "demo.plain",
        /51 demo pods.*110/,
        /at most 48/,
    ],
    [
        "too many demos for a node",
        { clusters, demo: { deployments: 51 } },
        "demo.deployments",
        /51 demo pods.*110/,
        /at most 50/,
    ],

    // Indexes
    ["no index", withName("edge"), "clusters.edge.index", /does not end in a number/, /index: 1 /],
    ["negative index", withName("e", { index: -1 }), "clusters.e.index", /less than 0/, /from 0/],
    [
        "same index twice",
        { clusters: { a1: {}, b1: {} } },
        "clusters.b1.index",
        /"a1" and "b1" have the same index 1/,
        /b1: \{ index: 2 \}/,
    ],
    [
        "same index, once stated",
        { clusters: { edge2: {}, far: { index: 2 } } },
        "clusters.far.index",
        /"edge2" and "far"/,
        /far: \{ index: 1 \}/,
    ],
    ["index beyond all", withName("e64"), "clusters.e64.index", /64 blocks of \/16/, /0 to 63/],
    [
        "index beyond one network",
        { clusters: { e1: {}, e4: {} }, networks: { n: { type: "ptp", cidr: "172.16.0.0/14" } } },
        "clusters.e4.index",
        /network "n", 172\.16\.0\.0\/14, has 4 blocks/,
        /0 to 3/,
    ],
    [
        "index beyond the pods' pool",
        { clusters, addresses: { pods: "10.64.0.0/15" } },
        "clusters.edge2.index",
        /addresses\.pods.*2 blocks/,
        /0 to 1/,
    ],

    // Ranges, each alone
    [
        "no range",
        withNetwork({ cidr: "ten" }),
        "networks.data-plane.cidr",
        /not an IPv4/,
        /10\.1\.0/,
    ],
    [
        "octet of 256",
        withNetwork({ cidr: "10.0.256.0/24" }),
        "networks.data-plane.cidr",
        /not an/,
        /255/,
    ],
    [
        "leading zero",
        withNetwork({ cidr: "010.0.0.0/10" }),
        "networks.data-plane.cidr",
        /not an/,
        /255/,
    ],
    [
        "no prefix length",
        withNetwork({ cidr: "10.0.0.0" }),
        "networks.data-plane.cidr",
        /missing/,
        /\/16/,
    ],
    [
        "prefix of 33",
        withNetwork({ cidr: "10.0.0.0/33" }),
        "networks.data-plane.cidr",
        /"\/33"/,
        /1 to 32/,
    ],
    ["/0", withNetwork({ cidr: "0.0.0.0/0" }), "networks.data-plane.cidr", /every IPv4/, /such as/],
    [
        "host bits",
        withEdge1({ podSubnet: "10.65.1.9/16" }),
        "clusters.edge1.podSubnet",
        /Host b/,
        /10\.65\.0\.0\/16/,
    ],
    ["IPv6", { clusters, bridge: { subnet: "fd00::/64" } }, "bridge.subnet", /IPv6/, /IPv4 range/],
    [
        "this host",
        withNetwork({ cidr: "0.0.0.0/8" }),
        "networks.data-plane.cidr",
        /0\/8, which is res/,
        /private/,
    ],
    [
        "loopback",
        withNetwork({ cidr: "127.0.0.0/10" }),
        "networks.data-plane.cidr",
        /loopback/,
        /private/,
    ],
    [
        "link-local",
        withNetwork({ cidr: "169.254.0.0/16" }),
        "networks.data-plane.cidr",
        /link-l/,
        /pri/,
    ],
    [
        "documentation",
        withNetwork({ cidr: "192.0.2.0/24" }),
        "networks.data-plane.cidr",
        /docum/,
        /pri/,
    ],
    [
        "multicast",
        withNetwork({ cidr: "224.0.0.0/10" }),
        "networks.data-plane.cidr",
        /multicast/,
        /pri/,
    ],
    [
        "future use",
        withNetwork({ cidr: "240.0.0.0/10" }),
        "networks.data-plane.cidr",
        /future use/,
        /pri/,
    ],
    [
        "small pod subnet",
        withEdge1({ podSubnet: "172.16.0.0/25" }),
        "clusters.edge1.podSubnet",
        /too small/,
        /\/24/,
    ],
    [
        "large services",
        withEdge1({ serviceSubnet: "172.0.0.0/11" }),
        "clusters.edge1.serviceSubnet",
        /too large/,
        /\/12/,
    ],

    // Sizes that do not go together
    [
        "block larger than the network",
        withNetwork({ cidr: "172.16.0.0/20" }),
        "networks.data-plane.clusterPrefix",
        /larger than the whole network/,
        /above 20/,
    ],
    [
        "slice as large as the block",
        withNetwork({ clusterPrefix: 24 }),
        "networks.data-plane.nodePrefix",
        /no part of a cluster's block of \/24/,
        /above 24/,
    ],
    [
        "prefix length of 31",
        withNetwork({ nodePrefix: 31 }),
        "networks.data-plane.nodePrefix",
        /more than 30/,
        /1 to 30/,
    ],
    [
        "too few slices for the nodes",
        { ...withNetwork({ clusterPrefix: 22 }), clusters: manyNodes(4) },
        "clusters.edge1.nodes",
        /block of \/22 has slices of \/24 for 3 nodes/,
        /at most 3 nodes/,
    ],
    [
        "slice too small for the demos",
        withNetwork({ nodePrefix: 30 }),
        "networks.data-plane.nodePrefix",
        /has 2 addresses.*needs 6: the gateway, 2 demo pods/,
        /at most 29/,
    ],
    [
        "slice of a bridge too small for the demos",
        { clusters, networks: { n: { type: "bridge", nodePrefix: 30 } } },
        "networks.n.nodePrefix",
        /needs 6: the gateway/,
        /at most 29/,
    ],
    [
        "slice too small for the demos' own addresses",
        withLan({ ipam: "static", nodePrefix: 30 }),
        "networks.lan.nodePrefix",
        /needs 3: the first, which stays free and 2 demo pods/,
        /at most 29/,
    ],
    [
        "too few slices of a segment for the nodes",
        { ...withLan({ clusterPrefix: 23 }), clusters: manyNodes(2) },
        "clusters.edge1.nodes",
        /block of \/23 has slices of \/24 for 1 node only/,
        /shorter clusterPrefix/,
    ],
    [
        "Cilium's pool as small as a node's part",
        withCilium({ cidr: "10.32.0.0/24" }),
        "networks.cilium.nodePrefix",
        /no part of the whole network, 10\.32\.0\.0\/24/,
        /above 24, or a larger cidr/,
    ],
    [
        "Cilium's pool too small for the nodes",
        { ...withCilium({ cidr: "10.32.0.0/23" }), clusters: manyNodes(3) },
        "clusters.edge1.nodes",
        /network "cilium" the pool has ranges of \/24 for 2 nodes/,
        /larger cidr/,
    ],
    [
        "Cilium's part of a node too small for the demos",
        withCilium({ nodePrefix: 30 }),
        "networks.cilium.nodePrefix",
        /range of \/30 has 2 addresses.*needs 5: Cilium's router, 2 demo pods/,
        /at most 29/,
    ],
    [
        "Calico's pod subnet too small for the nodes",
        withEdge1({ nodes: 2, primary: "calico", podSubnet: "192.168.0.0/24" }),
        "clusters.edge1.nodes",
        /room for 1 node/,
        /larger podSubnet/,
    ],
    [
        "pool smaller than a block",
        { clusters, addresses: { services: "10.128.0.0/17" } },
        "addresses.services",
        /smaller than what each cluster gets/,
        /clusterPrefix/,
    ],
    [
        "blocks too small for Kubernetes",
        { clusters, addresses: { clusterPrefix: 25 } },
        "addresses.clusterPrefix",
        /more than 24/,
        /12 to 24/,
    ],
    [
        "pod subnet too small for the nodes",
        { clusters: { edge1: { nodes: 3, podSubnet: "192.168.0.0/23" } } },
        "clusters.edge1.nodes",
        /room for 2 nodes/,
        /larger podSubnet/,
    ],
    [
        "bridge too small for the nodes",
        { clusters: manyNodes(5), bridge: { subnet: "10.200.0.0/29" } },
        "bridge.subnet",
        /room for 5 nodes.*6 in all/,
        /at most 28/,
    ],

    // Ranges that overlap
    [
        "network and pods",
        withNetwork({ cidr: "10.64.0.0/12" }),
        "networks.data-plane.cidr",
        /overlaps with 10\.65\.0\.0\/16 \(the pod subnet of cluster "edge1"/,
        /such as "10\./,
    ],
    [
        "network and services",
        withNetwork({ cidr: "10.128.0.0/12" }),
        "networks.data-plane.cidr",
        /service subnet of cluster "edge1"/,
        /free/,
    ],
    [
        "two networks",
        {
            clusters,
            networks: {
                a: { type: "ptp" },
                b: { type: "ptp", cidr: "10.32.0.0/11", clusterPrefix: 17 },
            },
        },
        "networks.b.cidr",
        /10\.32\.0\.0\/11 \(network "b"\) overlaps with 10\.0\.0\.0\/10 \(network "a"\)/,
        /free/,
    ],
    [
        "bridge and network",
        { clusters, bridge: { subnet: "10.5.0.0/22" } },
        "bridge.subnet",
        /docker network of the stack\) overlaps with 10\.0\.0\.0\/10 \(network "data-plane"\)/,
        /free/,
    ],
    [
        "network and default bridge",
        withNetwork({ cidr: "10.192.0.0/10" }),
        "networks.data-plane.cidr",
        /the docker network of the stack/,
        /free/,
    ],
    [
        "pods of two clusters",
        { clusters: { e1: { podSubnet: "172.16.0.0/16" }, e2: { podSubnet: "172.16.128.0/17" } } },
        "clusters.e2.podSubnet",
        /172\.16\.128\.0\/17.*"e2"\) overlaps with 172\.16\.0\.0\/16.*"e1"/,
        /free/,
    ],
    [
        "pods and services of one cluster",
        withEdge1({ podSubnet: "172.16.0.0/16", serviceSubnet: "172.16.0.0/20" }),
        "clusters.edge1.serviceSubnet",
        /overlaps with 172\.16\.0\.0\/16 \(the pod subnet/,
        /free/,
    ],
    [
        "stated pods and a block of the pool",
        withEdge1({ podSubnet: "10.66.0.0/16" }),
        "clusters.edge1.podSubnet",
        /the pod subnet of cluster "edge2", a block of addresses\.pods/,
        /free/,
    ],
    [
        "two pools",
        { clusters, addresses: { services: "10.64.0.0/10" } },
        "addresses.services",
        /service subnet of cluster "edge1", a block.*pod subnet of cluster "edge1", a block/,
        /free/,
    ],
    [
        "two networks without range",
        { clusters, networks: { a: { type: "ptp" }, b: { type: "ptp" } } },
        "networks.b.cidr",
        /"a" and "b" leave out their range/,
        /all but one/,
    ],

    [
        "two networks of different types without range",
        { clusters, networks: { a: { type: "ptp" }, b: { type: "bridge" } } },
        "networks.b.cidr",
        /"a" and "b" leave out their range/,
        /all but one/,
    ],
    [
        "Cilium without range",
        { clusters, networks: { a: { type: "ptp" }, cilium: { type: "cilium" } } },
        "networks.cilium.cidr",
        /its own default, 10\.0\.0\.0\/8, which overlaps with 10\.0\.0\.0\/10 \(network "a"\)/,
        /such as cidr: "10\.\d+\.0\.0\/16"/,
    ],
    [
        "macvlan without range",
        { clusters, networks: { lan: { type: "macvlan" } } },
        "networks.lan.cidr",
        /"cidr" is missing/,
        /such as cidr: "10\./,
    ],
    [
        "Cilium and pods",
        withCilium({ cidr: "10.65.0.0/16" }),
        "networks.cilium.cidr",
        /network "cilium"\) overlaps with 10\.65\.0\.0\/16 \(the pod subnet of cluster "edge1"/,
        /such as "10\./,
    ],
    [
        "Cilium and services",
        withCilium({ cidr: "10.129.0.0/16" }),
        "networks.cilium.cidr",
        /service subnet of cluster "edge1"/,
        /free/,
    ],
    [
        "Cilium and Calico",
        {
            ...withCilium({}),
            clusters: { edge1: { primary: "calico", podSubnet: "10.32.128.0/17" } },
        },
        "clusters.edge1.podSubnet",
        /overlaps with 10\.32\.0\.0\/16 \(network "cilium"\)/,
        /free/,
    ],
    [
        "macvlan and the docker network",
        withLan({ cidr: "10.206.0.0/16" }),
        "networks.lan.cidr",
        /the docker network of the stack/,
        /free/,
    ],
    [
        "macvlan and ptp",
        {
            clusters,
            networks: { a: { type: "ptp" }, lan: { type: "macvlan", cidr: "10.1.0.0/16" } },
        },
        "networks.lan.cidr",
        /overlaps with 10\.0\.0\.0\/10 \(network "a"\)/,
        /free/,
    ],

    // What is put together
    [
        "unknown cluster in a network",
        withNetwork({ clusters: ["edge1", "egde2"] }),
        "networks.data-plane.clusters[1]",
        /no cluster "egde2"; "edge2" was probably meant/,
        /"edge1" and "edge2"/,
    ],
    [
        "cluster twice in a network",
        withNetwork({ clusters: ["edge1", "edge1"] }),
        "networks.data-plane.clusters[1]",
        /named twice/,
        /Remove one/,
    ],
    [
        "network that no cluster joins",
        withNetwork({ clusters: [] }),
        "networks.data-plane.clusters",
        /No cluster joins/,
        /leave the key out/,
    ],
    [
        "two Ciliums in one cluster",
        {
            clusters,
            networks: {
                a: { type: "cilium", cidr: "10.32.0.0/16", clusters: ["edge1"] },
                b: { type: "cilium", cidr: "10.33.0.0/16" },
            },
        },
        "networks.b.clusters",
        /one Cilium, and in cluster "edge1" that is network "a"/,
        /clusters: \[edge2\]/,
    ],
    [
        "Cilium beside Cilium",
        { ...withCilium({}), clusters: { edge1: { primary: "cilium" } } },
        "networks.cilium.clusters",
        /in cluster "edge1" that is its primary network/,
        /another type of network/,
    ],
    [
        "Calico's section without Calico",
        withEdge1({ calico: { encapsulation: "None" } }),
        "clusters.edge1.calico",
        /primary network is calico, but that of "edge1" is kindnet/,
        /primary: calico, or remove/,
    ],
    [
        "Cilium's section without Cilium",
        withEdge1({ primary: "calico", cilium: {} }),
        "clusters.edge1.cilium",
        /but that of "edge1" is calico/,
        /primary: cilium/,
    ],

    // Choices, images, memory
    [
        "unknown primary network",
        withEdge1({ primary: "calcio" }),
        "clusters.edge1.primary",
        /kindnet, calico, cilium/,
        /primary: calico\./,
    ],
    [
        "unknown mode of kube-proxy",
        withEdge1({ kubeProxyMode: "ipvs" }),
        "clusters.edge1.kubeProxyMode",
        /iptables, nftables/,
        /kubeProxyMode: iptables or nftables/,
    ],
    [
        "unknown encapsulation",
        withEdge1({ primary: "calico", calico: { encapsulation: "vxlan" } }),
        "clusters.edge1.calico.encapsulation",
        /VXLAN, IPIP, None/,
        /encapsulation: VXLAN\./,
    ],
    [
        "unknown way to addresses",
        withLan({ ipam: "dhcp" }),
        "networks.lan.ipam",
        /host-local, static/,
        /ipam: host-local or static/,
    ],
    [
        "unknown runtime",
        { clusters, runtime: "dcoker" },
        "runtime",
        /docker, podman/,
        /runtime: docker\./,
    ],
    [
        "unknown network type",
        { clusters, networks: { n: { type: "vlan" } } },
        "networks.n.type",
        /ptp, bridge, macvlan, cilium/,
        /type: ptp or bridge or macvlan or cilium/,
    ],
    [
        "no network type",
        { clusters, networks: { n: {} } },
        "networks.n.type",
        /"type" is missing/,
        /type: ptp/,
    ],
    [
        "unknown routing",
        withNetwork({ routing: "bgp" }),
        "networks.data-plane.routing",
        /table/,
        /routing: table/,
    ],
    [
        "small MTU",
        withNetwork({ mtu: 575 }),
        "networks.data-plane.mtu",
        /less than 576/,
        /576 to 1500/,
    ],
    [
        "MTU above the bridge's",
        withNetwork({ mtu: 9000 }),
        "networks.data-plane.mtu",
        /carries 1500/,
        /576 to 1500/,
    ],
    [
        "MTU above the tunnel's",
        withCilium({ mtu: 1500 }),
        "networks.cilium.mtu",
        /VXLAN takes 50/,
        /576 to 1450/,
    ],
    [
        "image without tag",
        { clusters, images: { node: "kindest/node" } },
        "images.node",
        /Without a tag/,
        /node:v/,
    ],
    [
        "latest image",
        { clusters, images: { node: "a/b:latest" } },
        "images.node",
        /"latest"/,
        /fixed tag/,
    ],
    [
        "no image",
        { clusters, images: { multus: "a b" } },
        "images.multus",
        /not an image/,
        /registry/,
    ],
    [
        "short digest",
        { clusters, images: { toolbox: "a@sha256:12" } },
        "images.toolbox",
        /not an im/,
        /digest/,
    ],
    [
        "mirror with scheme",
        { clusters, images: { mirror: "https://r.example/m/" } },
        "images.mirror",
        /not a r/,
        /"r\.example\/m"/,
    ],
    [
        "option as archive",
        { clusters, images: { archives: ["-x"] } },
        "images.archives[0]",
        /not a path/,
        /save/,
    ],
    ["memory", withEdge1({ memory: "9MB" }), "clusters.edge1.memory", /MiB or GiB/, /"4GiB"/],
    ["memory unit", withEdge1({ memory: "4G" }), "clusters.edge1.memory", /MiB or GiB/, /"4GiB"/],
    [
        "little memory",
        withEdge1({ memory: "512MiB" }),
        "clusters.edge1.memory",
        /less than 1GiB/,
        /"1GiB"/,
    ],
    [
        "absurd memory",
        withEdge1({ memory: "4096000GiB" }),
        "clusters.edge1.memory",
        /No node can have/,
        /"1024GiB"/,
    ],
];

/** Values of charts that the testbed decides: what is written, the key that is refused, and why. */
const DECIDED: {
    [chart: string]: {
        config: (values: object) => RawConfig;
        path: string;
        values: [written: object, key: string, reason: RegExp, remedy?: RegExp][];
    };
} = {
    "Cilium beside the primary network": {
        config: (values) => withCilium({ values }),
        path: "networks.cilium.values",
        values: [
            [{ kubeProxyReplacement: true }, "kubeProxyReplacement", /socket load balancing/],
            [{ socketLB: { enabled: true } }, "socketLB", /routing interfere/],
            [{ cni: { exclusive: true } }, "cni.exclusive", /renames every other CNI file/],
            [{ cni: { customConf: false } }, "cni.customConf", /belongs to the primary network/],
            [{ cni: { uninstall: true } }, "cni.uninstall", /could then not be removed/],
            [{ cni: { install: false } }, "cni.install", /would not be there/],
            [{ cni: null }, "cni", /decides cni\.install, for which there has to be a map/],
            [
                { operator: { unmanagedPodWatcher: { restart: true } } },
                "operator.unmanagedPodWatcher",
                /deletes kube-dns pods/,
            ],
            [{ operator: { setNodeTaints: true } }, "operator.setNodeTaints", /node is ready/],
            [{ operator: { rollOutPods: false } }, "operator.rollOutPods", /reach the pods/],
            [{ rollOutCiliumPods: false }, "rollOutCiliumPods", /has to reach the pods/],
            [{ ipam: { mode: "kubernetes" } }, "ipam", /keys of the net/, /cidr and nodePrefix/],
            [{ routingMode: "native" }, "routingMode", /tunnel of its own/],
            [{ tunnelProtocol: "geneve" }, "tunnelProtocol", /tunnel of its own/],
            [{ tunnelPort: 8472 }, "tunnelPort", /tunnel of its own/],
            [{ MTU: 1400 }, "MTU", /have the same/, /set mtu instead/],
            [{ devices: "cali+" }, "devices", /none of another network/],
            [{ enableIPv4Masquerade: true }, "enableIPv4Masquerade", /own address/],
            [{ bpf: { masquerade: true } }, "bpf.masquerade", /own address/],
            [{ bpf: { hostLegacyRouting: false } }, "bpf.hostLegacyRouting", /own routes/],
            [{ enableIdentityMark: true }, "enableIdentityMark", /same bits/],
            [{ ipv6: { enabled: true } }, "ipv6", /IPv4/],
            [{ image: { tag: "v1.0.0" } }, "image", /pinned together/],
            [{ agent: false }, "agent", /would not be there/],
            [{ extraConfig: { mtu: "1500" } }, "extraConfig.mtu", /same/, /set mtu instead/],
        ],
    },
    "Cilium as the primary network": {
        config: (values) => withEdge1({ primary: "cilium", cilium: { values } }),
        path: "clusters.edge1.cilium.values",
        values: [
            [{ kubeProxyReplacement: true }, "kubeProxyReplacement", /kube-proxy runs/],
            [{ cni: { exclusive: true } }, "cni.exclusive", /that of Multus/],
            [{ devices: "" }, "devices", /none of another network/],
            [{ ipam: {} }, "ipam", /pod subnet/, /set podSubnet/],
        ],
    },
    "Calico as the primary network": {
        config: (values) => withEdge1({ primary: "calico", calico: { values } }),
        path: "clusters.edge1.calico.values",
        values: [
            ...[
                ["ipPools", [], /pod subnet/, /podSubnet and calico\.encapsulation/] as const,
                ["bgp", "Enabled", /encapsulation/, /calico\.encapsulation/] as const,
                ["linuxDataplane", "BPF", /kube-proxy/, /set kubeProxyMode/] as const,
                ["nodeAddressAutodetectionV4", {}, /device of another network/, /Rem/] as const,
            ].map(([key, value, reason, remedy]): [object, string, RegExp, RegExp] => [
                { installation: { calicoNetwork: { [key]: value } } },
                `installation.calicoNetwork.${key}`,
                reason,
                remedy,
            ]),
            [
                { installation: { calicoNetwork: 1 } },
                "installation.calicoNetwork",
                /to be a map here/,
            ],
            [{ installation: { cni: {} } }, "installation.cni", /own CNI plugin/],
            [
                { installation: { kubernetesProvider: "EKS" } },
                "installation.kubernetesProvider",
                /kind's/,
            ],
            [{ installation: { registry: "r" } }, "installation.registry", /pinned together/],
            [{ installation: { flexVolumePath: "/x" } }, "installation.flexVolumePath", /volume/],
            [
                { defaultFelixConfiguration: { wireguardEnabled: true } },
                "defaultFelixConfiguration",
                /key of its own/,
                /calico\.wireguard/,
            ],
        ],
    },
};

describe("values of charts", () => {
    for (const [chart, { config, path, values }] of Object.entries(DECIDED)) {
        for (const [written, key, reason, remedy = /^Remove it\.$/] of values) {
            it(`${key} of ${chart}: refused`, () => {
                const problems = problemsOf(config(written));
                assert.deepEqual(
                    problems.map((problem) => problem.key),
                    [`${path}.${key}`],
                    formatProblems(problems),
                );
                assert.match(problems[0]!.reason, reason);
                assert.match(problems[0]!.remedy, remedy);
            });
        }

        it(`of ${chart} that are not decided: accepted`, () => {
            const open = { resources: {}, cni: {}, installation: { controlPlaneReplicas: 2 } };
            assert.deepEqual(problemsOf(config(open)), []);
        });
    }
});

describe("faults of a configuration", () => {
    for (const [what, config, key, reason, remedy] of FAULTS) {
        it(`${what}: refused`, () => {
            const problems = problemsOf(config);
            assert.deepEqual(
                problems.map((problem) => problem.key),
                [key],
                formatProblems(problems),
            );
            assert.match(problems[0]!.reason, reason);
            assert.match(problems[0]!.remedy, remedy);
            assert.match(problems[0]!.reason, /^\S.*\.$/);
        });
    }

    it("are all named at once, in values, between values and between parts", () => {
        const problems = problemsOf({
            clusters: {
                edge1: { nodes: 0, memory: "4", nods: 1 },
                other1: {},
                far: {},
                edge5: { podSubnet: "10.0.0.0/16" },
            },
            networks: { "data-plane": { type: "ptp", mtu: 1 }, n: { type: "x" } },
            bridge: { subnet: "10.64.0.1/22" },
            demo: { deployments: 100 },
            runtime: "vm",
        });
        assert.deepEqual(problems.map(({ key }) => key).sort(), [
            "bridge.subnet",
            "clusters.edge1.memory",
            "clusters.edge1.nodes",
            "clusters.edge1.nods",
            "clusters.edge5.podSubnet",
            "clusters.far.index",
            "clusters.other1.index",
            "demo.deployments",
            "networks.data-plane.mtu",
            "networks.n.type",
            "runtime",
        ]);
    });

    it("do not follow from other faults", () => {
        const keys = (config: RawConfig) => problemsOf(config).map(({ key }) => key);
        assert.deepEqual(keys({ clusters: { edge: { index: "1" }, edge1: {} } }), [
            "clusters.edge.index",
        ]);
        assert.deepEqual(
            keys({
                clusters,
                networks: { a: { type: "ptp", cdir: "172.16.0.0/12" }, b: { type: "ptp" } },
            }),
            ["networks.a.cdir"],
        );
        assert.deepEqual(keys({ clusters: { e1: { primary: "calcio", calico: {} } } }), [
            "clusters.e1.primary",
        ]);
        assert.deepEqual(
            keys({
                clusters: { e1: { nodes: 1, index: "x" } },
                networks: { n: { type: "ptp", clusters: ["e1"] } },
            }),
            ["clusters.e1.index"],
        );
        assert.deepEqual(keys({ clusters: { e99: {} }, addresses: { pods: "x", services: "y" } }), [
            "addresses.pods",
            "addresses.services",
            "clusters.e99.index",
        ]);
    });

    it("name every pair of three ranges that overlap", () => {
        const podSubnet = "172.16.0.0/16";
        const problems = problemsOf({
            clusters: { a1: { podSubnet }, a2: { podSubnet }, a3: { podSubnet } },
        });
        assert.deepEqual(
            problems.map(({ key, reason }) => [key, ...(reason.match(/"a\d"/g) ?? [])]),
            [
                ["clusters.a2.podSubnet", '"a2"', '"a1"'],
                ["clusters.a3.podSubnet", '"a3"', '"a1"', '"a2"'],
            ],
        );
    });

    it("suggest ranges that are free indeed", () => {
        const config = { clusters, bridge: { subnet: "10.5.0.0/22" } };
        const [problem] = problemsOf(config);
        const suggestion = /such as "([^"]+)"/.exec(problem!.remedy)?.[1];
        assert.deepEqual(problemsOf({ ...config, bridge: { subnet: suggestion } }), []);
    });

    it("read as one block of text", () => {
        assert.equal(
            formatProblems(problemsOf(withEdge1({ nodes: 0 }))),
            [
                "The configuration of this stack has 1 fault. Nothing was changed.",
                "",
                "1. clusters.edge1.nodes: 0",
                "   Reason: This is less than 1: a cluster has one control plane and up to 31 workers, each a whole Kubernetes node on this machine.",
                "   Remedy: Write a whole number from 1 to 32.",
            ].join("\n"),
        );
    });
});

describe("configurations that are right", () => {
    const RIGHT: [what: string, config: RawConfig][] = [
        ["clusters without any key", { clusters: { edge1: null, edge2: {} } }],
        ["sections without any key", { clusters, demo: null, images: {}, networks: null }],
        [
            "ranges known from other labs together",
            {
                clusters: { edge1: { podSubnet: "192.168.0.0/16", serviceSubnet: "10.97.0.0/16" } },
                networks: { "data-plane": { type: "ptp", cidr: "10.1.0.0/16", clusterPrefix: 19 } },
            },
        ],
        [
            "defaults stated",
            {
                clusters: { edge1: { podSubnet: "10.65.0.0/16", serviceSubnet: "10.129.0.0/16" } },
            },
        ],
        ["one cluster alone, of index 0", { clusters: { edge0: {} } }],
        [
            "images of all kinds",
            {
                clusters,
                images: {
                    mirror: "registry.example.com:5000/mirror/of-all",
                    node: "localhost:5000/kindest/node:v1.34.0",
                    multus: `ghcr.io/a/b@sha256:${"0".repeat(64)}`,
                    toolbox: "netshoot:v0.14",
                    archives: ["./a b.tar", "/x/y.tar"],
                },
            },
        ],
        [
            "every primary network with every type of extra network",
            {
                clusters: {
                    a1: { kubeProxyMode: "nftables" },
                    b2: { primary: "calico", calico: { encapsulation: "None", wireguard: true } },
                    c3: { primary: "cilium" },
                },
                networks: {
                    a: { type: "ptp", cidr: "10.0.0.0/12" },
                    b: { type: "bridge", cidr: "10.16.0.0/12", clusters: ["c3", "a1"] },
                    c: { type: "macvlan", cidr: "10.32.0.0/16", ipam: "static" },
                    d: { type: "cilium", cidr: "10.33.0.0/16", clusters: ["a1", "b2"] },
                },
                demo: { deployments: 1, plain: 1 },
            },
        ],
        [
            "a network that only one of many clusters joins, with an index it has no block for",
            {
                clusters: { e1: {}, e9: {} },
                networks: { n: { type: "ptp", cidr: "10.0.0.0/14", clusters: ["e1"] } },
            },
        ],
        [
            "one demo pod, and a plain one",
            { clusters: { edge1: {} }, demo: { deployments: 1, plain: 1 } },
        ],
        [
            "the most nodes and demos",
            { clusters: { e1: { nodes: 32 } }, demo: { deployments: 500 } },
        ],
    ];
    for (const [what, config] of RIGHT) {
        it(`${what}: accepted`, () =>
            assert.equal(formatProblems(problemsOf(config)), formatProblems([])));
    }
});

describe("what is sound of a faulty configuration", () => {
    /** Names of the clusters and networks that can still be planned. */
    function soundOf(config: RawConfig): string[] | undefined {
        const result = validateConfig(config, OWNER);
        assert.ok("problems" in result);
        const { clusters, networks } = result.sound ?? {};
        return result.sound && [...clusters!, ...networks!].map(({ name }) => name);
    }

    const CASES: [what: string, config: RawConfig, names: string[] | undefined][] = [
        ["an unknown key spoils nothing", withEdge1({ node: 2 }), ["edge1", "edge2", "data-plane"]],
        [
            "nor does a value of no consequence",
            withEdge1({ nodes: 0 }),
            ["edge1", "edge2", "data-plane"],
        ],
        [
            "a cluster of unclear addresses is left out",
            withEdge1({ index: "a" }),
            ["edge2", "data-plane"],
        ],
        ["a faulty network is left out", withNetwork({ type: "ptpp" }), ["edge1", "edge2"]],
        [
            "a section that is none has its default",
            { clusters, bridge: "10.0.0.0/8", addresses: 1, demo: [] },
            ["edge1", "edge2", "data-plane"],
        ],
        [
            "of two clusters with one index the other is left",
            { clusters: { edge1: {}, site1: {}, edge2: {} } },
            ["site1", "edge2", "data-plane"],
        ],
        [
            "of two networks that overlap the other is left",
            {
                clusters,
                networks: {
                    a: { type: "ptp", cidr: "10.0.0.0/10" },
                    b: { type: "ptp", cidr: "10.0.0.0/12" },
                },
            },
            ["edge1", "edge2", "b"],
        ],
        ["nothing without a cluster", { clusters: {} }, undefined],
        ["nothing without a sound cluster", { clusters: { edge1: { index: "a" } } }, undefined],
        [
            "nothing if no single cluster or network is at fault",
            { clusters, demo: { deployments: 400 } },
            undefined,
        ],
    ];
    for (const [what, config, names] of CASES) {
        it(what, () => assert.deepEqual(soundOf(config), names));
    }
});

describe("a refusal", () => {
    it("has no character that a terminal acts on, and not all of a long text", () => {
        for (const text of ["a\u001b[2J", "a\0b", "a\u202eb", "a".repeat(10_000)]) {
            const networks = { [text]: { type: text, clusters: [text] } };
            const said = formatProblems(
                problemsOf({ clusters: { [text]: {} }, networks, [text]: 1 }),
            );
            assert.doesNotMatch(said.replaceAll("\n", ""), /[\p{Cc}\p{Cf}]/u);
            assert.ok(said.length < 12_000, `${said.length} characters`);
        }
    });
});
