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
const manyNodes = (nodes: number): RawConfig["clusters"] => ({ edge1: { nodes }, edge2: {} });

/** One kind of fault each: the configuration has this fault only. */
const FAULTS: [what: string, config: RawConfig, key: string, reason: RegExp, remedy: RegExp][] = [
    // What is there at all
    ["no clusters key", {}, "clusters", /There are no clusters/, /clusters: \{ edge1/],
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

    // Choices, images, memory
    [
        "unknown runtime",
        { clusters, runtime: "dcoker" },
        "runtime",
        /docker, podman/,
        /runtime: docker\./,
    ],
    [
        "unknown network type",
        { clusters, networks: { n: { type: "macvlan" } } },
        "networks.n.type",
        /ptp/,
        /type: ptp/,
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
            "the most nodes and demos",
            { clusters: { e1: { nodes: 32 } }, demo: { deployments: 500 } },
        ],
    ];
    for (const [what, config] of RIGHT) {
        it(`${what}: accepted`, () =>
            assert.equal(formatProblems(problemsOf(config)), formatProblems([])));
    }
});
