import assert from "node:assert/strict";
import type { RawConfig } from "../../../plan/config/parsedConfig.ts";
import { formatProblems } from "../../../plan/problem.ts";
import { clusters, RESERVED, PROBLEMS, problemsOf, withEdge1 } from "./problemCases.ts";

describe("values of charts", () => {
    for (const [chart, { config, path, values }] of Object.entries(RESERVED)) {
        for (const [written, key, reason, fix = /^Remove it\.$/] of values) {
            it(`${key} of ${chart}: refused`, () => {
                const problems = problemsOf(config(written));
                assert.deepEqual(
                    problems.map((problem) => problem.key),
                    [`${path}.${key}`],
                    formatProblems(problems),
                );
                assert.match(problems[0]!.reason, reason);
                assert.match(problems[0]!.fix, fix);
            });
        }

        it(`of ${chart} that are not decided: accepted`, () => {
            const open = { resources: {}, cni: {}, installation: { controlPlaneReplicas: 2 } };
            assert.deepEqual(problemsOf(config(open)), []);
        });
    }
});

describe("problems of a configuration", () => {
    for (const [what, config, key, reason, fix] of PROBLEMS) {
        it(`${what}: refused`, () => {
            const problems = problemsOf(config);
            assert.deepEqual(
                problems.map((problem) => problem.key),
                [key],
                formatProblems(problems),
            );
            assert.match(problems[0]!.reason, reason);
            assert.match(problems[0]!.fix, fix);
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

    it("do not follow from other problems", () => {
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
        const suggestion = /such as "([^"]+)"/.exec(problem!.fix)?.[1];
        assert.deepEqual(problemsOf({ ...config, bridge: { subnet: suggestion } }), []);
    });

    it("read as one block of text", () => {
        assert.equal(
            formatProblems(problemsOf(withEdge1({ nodes: 0 }))),
            [
                "The configuration of this stack has 1 problem. Nothing was changed.",
                "",
                "1. clusters.edge1.nodes: 0",
                "   Reason: This is less than 1: a cluster has one control plane and up to 31 workers, each a whole Kubernetes node on this machine.",
                "   Fix: Write an integer from 1 to 32.",
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
