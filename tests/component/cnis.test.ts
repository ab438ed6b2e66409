import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { bridgeMade } from "../../stack/machine.ts";
import { typeOf } from "../../plan/networks/types.ts";
import { primaryOf } from "../../plan/primaries/types.ts";
import { resolveCharts } from "../../plan/images.ts";
import type { AgentPlan } from "../../plan/agentPlan.ts";
import type { TestbedConfig } from "../../plan/config/testbedConfig.ts";
import { Testbed } from "../../components/testbed.ts";
import type { ClusterPlan, HelmValues, NetworkPlan } from "../../plan/plan.ts";
import { planTopology } from "../../plan/planTopology.ts";
import { validateConfig } from "../../plan/config/validate.ts";
import { registered, type Registered } from "./mocks.ts";

const owner = { project: "multinet", stack: "unit" };
const images = { node: "example/node:1", multus: "example/multus:1", toolbox: "example/box:1" };

/** Every primary network, and every type of extra network. */
const CONFIG: TestbedConfig = {
    clusters: {
        edge1: { nodes: 2 },
        edge2: {
            nodes: 2,
            primary: "calico",
            kubeProxyMode: "nftables",
            calico: {
                values: {
                    apiServer: { enabled: true },
                    installation: { nonPrivileged: "Enabled" },
                },
            },
        },
        edge3: { primary: "cilium", cilium: { values: { hubble: { enabled: true } } } },
    },
    networks: {
        "data-plane": { type: "ptp", cidr: "10.0.0.0/12" },
        lan: { type: "macvlan", cidr: "10.16.0.0/16", clusters: ["edge1", "edge2"] },
        seats: {
            type: "macvlan",
            cidr: "10.17.0.0/16",
            ipam: "static",
            clusters: ["edge1", "edge2"],
        },
        local: { type: "bridge", cidr: "10.32.0.0/12", mtu: 1400, clusters: ["edge1", "edge2"] },
        overlay: {
            type: "cilium",
            cidr: "10.245.0.0/16",
            nodePrefix: 24,
            mtu: 1400,
            clusters: ["edge2"],
        },
    },
    demo: { plain: 1 },
};

function planOf(config: TestbedConfig) {
    const result = validateConfig({ ...config }, owner);
    assert.ok("topology" in result, JSON.stringify(result));
    return planTopology(result.topology, owner);
}

type Values = Record<string, never>;

describe("a testbed with all CNIs", function () {
    const plan = planOf(CONFIG);
    const [edge1, edge2, edge3] = plan.clusters as [
        (typeof plan.clusters)[0],
        (typeof plan.clusters)[0],
        (typeof plan.clusters)[0],
    ];
    let all: Map<string, Registered>;
    let shown: { topology: string; clusters: string };

    const one = (name: string): Registered => {
        const found = all.get(name);
        assert.ok(found, `${name} is not among ${[...all.keys()].join(", ")}`);
        return found;
    };
    const values = (name: string) => one(name).inputs["values"] as Values;
    /** Names of what a resource waits for. */
    const awaited = (name: string) =>
        one(name).dependencies.map((urn) => urn.slice(urn.lastIndexOf("::") + 2));

    before(async function () {
        this.timeout(60_000);
        all = await registered(() => {
            const { topology, clusters } = new Testbed("testbed", CONFIG, {
                host: {
                    images,
                    charts: resolveCharts({ charts: { calico: "/charts/tigera-operator" } }),
                    mirror: "mirror.example.com/m",
                    bridgeMade: "2026-01-01T00:00:00.000Z",
                    archives: [],
                    kubeconfigs: "/kubeconfigs",
                },
            });
            pulumi.all([topology, pulumi.jsonStringify(clusters)]).apply(([picture, text]) => {
                shown = { topology: picture, clusters: text };
            });
        });
    });

    it("leaves kind's own network out where there is another, and passes kube-proxy's mode on", () => {
        const config = (name: string) => one(`${name}-kind`).inputs["config"] as string;
        assert.doesNotMatch(config("edge1"), /disableDefaultCNI|kubeProxyMode/);
        assert.match(config("edge2"), /disableDefaultCNI: true\n +kubeProxyMode: nftables/);
        assert.match(config("edge3"), /disableDefaultCNI: true\n/);
        assert.match(config("edge1"), /kubeadmConfigPatches:[^]*unsafe-no-fsync: "true"/);
    });

    it("puts Multus in front of the primary network, and gives its agent the same file to watch", () => {
        const files = ["10-kindnet.conflist", "10-calico.conflist", "05-cilium.conflist"];
        for (const [i, { name }] of plan.clusters.entries()) {
            const multus = values(`${name}-multus-release`);
            assert.equal(multus["masterConflist"], files[i]);
            assert.equal(multus["toolbox"], images.toolbox);
            assert.equal(values(`${name}-node-routes-release`)["primaryConf"], files[i]);
        }
    });

    it("installs primary network, Multus and secondary Cilium one after the other, and then the pods", () => {
        assert.ok(awaited("edge2-multus-release").includes("edge2-calico-release"));
        assert.ok(awaited("edge2-cilium-release").includes("edge2-multus-release"));
        assert.ok(awaited("edge2-cilium-nodes").includes("edge2-cilium-release"));
        for (const last of [
            "cilium-nodes",
            "node-routes-rollout",
            "attachment-overlay-release",
            "attachment-lan-release",
        ]) {
            assert.ok(awaited("edge2-demo-release").includes(`edge2-${last}`), last);
        }
        assert.ok(awaited("edge3-multus-release").includes("edge3-cilium-nodes"));
        assert.ok(!awaited("edge3-cilium-release").includes("edge3-multus-release"));
    });

    it("takes charts from where they are, and hands each the number of its repairs", () => {
        const calico = one("edge2-calico-release").inputs;
        assert.equal(calico["chart"], "/charts/tigera-operator");
        assert.equal(calico["namespace"], "tigera-operator");
        assert.equal(calico["createNamespace"], true);
        assert.equal(values("edge2-calico-release")["repair"], "0");
        const cilium = one("edge3-cilium-release").inputs;
        assert.equal(cilium["chart"], "cilium");
        assert.match(cilium["version"] as string, /^\d+\.\d+\.\d+$/);
        assert.match(JSON.stringify(cilium["repositoryOpts"]), /"repo":"https:/);
    });

    it("takes every image from the mirror", () => {
        const calico = JSON.stringify(values("edge2-calico-release"));
        assert.match(calico, /"registry":"mirror.example.com\/m\/"/);
        assert.match(calico, /"tigeraOperator":\{"registry":"mirror.example.com\/m"\}/);
        const { image, operator } = values("edge2-cilium-release") as Record<string, unknown>;
        assert.deepEqual(image, { repository: "mirror.example.com/m/cilium/cilium" });
        assert.deepEqual((operator as Record<string, unknown>)["image"], {
            repository: "mirror.example.com/m/cilium/operator",
        });
    });

    it("asks every node for its Cilium range, and hands the ranges to the proof and to the picture", () => {
        assert.deepEqual(
            one("edge2-cilium-nodes").inputs["nodes"],
            edge2.nodes.map(({ name }) => name),
        );
        const { networks } = one("testbed-reachability-matrix").inputs as {
            networks: { name: string; slices: Record<string, string> }[];
        };
        const slices = (network: string) => networks.find(({ name }) => name === network)!.slices;
        assert.deepEqual(Object.values(slices("overlay")), ["10.245.0.0/24", "10.245.1.0/24"]);
        assert.equal(Object.keys(slices("data-plane")).length, 5);
        assert.match(shown.topology, /overlay 10\.245\.1\.0\/24, router 10\.245\.1\.99/);
        assert.match(shown.topology, /cilium 10\.245\.0\.0\/24, router 10\.245\.0\.99/);
        assert.equal([...shown.clusters.matchAll(/"router":/g)].length, 3);
    });

    it("gives each cluster the networks that it joins, and no others", () => {
        const attachments = (cluster: string) =>
            [...all.values()]
                .filter(
                    ({ type, name }) => type.endsWith(":Attachment") && name.startsWith(cluster),
                )
                .map(({ name }) => name.slice(`${cluster}-attachment-`.length));
        assert.deepEqual(attachments("edge1"), ["data-plane", "lan", "seats", "local"]);
        assert.deepEqual(attachments("edge2"), ["data-plane", "lan", "seats", "local", "overlay"]);
        assert.deepEqual(attachments("edge3"), ["data-plane"]);
    });

    it("exempts from masquerade, and answers for, what nodes route: ptp and bridge", () => {
        const { exempt, unreachable, slices } = values(
            "edge2-node-routes-release",
        ) as unknown as AgentPlan;
        assert.deepEqual(exempt, ["10.0.0.0/12", "10.32.0.0/12"]);
        assert.deepEqual(unreachable, { metric: 4096, cidrs: exempt });
        const [node] = edge2.nodes;
        assert.deepEqual(slices[node!.name], ["10.2.1.0/24", "10.34.1.0/24"]);
    });

    it("writes a CNI configuration for each type of network", () => {
        const { nodes } = values("edge2-node-routes-release") as unknown as {
            nodes: Record<string, { attachments: { network: string; conflist: object }[] }>;
        };
        const conflist = (network: string) =>
            nodes[edge2.nodes[1]!.name]!.attachments.find((each) => each.network === network)!
                .conflist as { cniVersion: string; name: string; plugins: unknown[] };
        const dataDir = "/run/cni-ipam-state";
        const macvlan = { type: "macvlan", master: "eth0", mode: "bridge", mtu: 1500 };
        assert.equal(conflist("lan").cniVersion, "0.3.1");
        assert.equal(conflist("lan").name, "lan");
        assert.deepEqual(conflist("data-plane").plugins, [
            {
                type: "ptp",
                mtu: 1500,
                ipam: {
                    type: "host-local",
                    dataDir,
                    ranges: [[{ subnet: "10.2.2.0/24", rangeEnd: "10.2.2.253" }]],
                    routes: [{ dst: "10.0.0.0/12" }],
                },
            },
        ]);
        assert.deepEqual(conflist("local").plugins, [
            {
                type: "bridge",
                bridge: "br-local",
                isGateway: true,
                forceAddress: true,
                ipMasq: false,
                mtu: 1400,
                ipam: {
                    type: "host-local",
                    dataDir,
                    ranges: [[{ subnet: "10.34.2.0/24", rangeEnd: "10.34.2.253" }]],
                    routes: [{ dst: "10.32.0.0/12" }],
                },
            },
        ]);
        const range = {
            subnet: "10.16.0.0/16",
            rangeStart: "10.16.34.2",
            rangeEnd: "10.16.34.254",
        };
        assert.deepEqual(conflist("lan").plugins, [
            {
                ...macvlan,
                ipam: {
                    type: "host-local",
                    dataDir,
                    ranges: [[range]],
                    routes: [{ dst: "224.0.0.0/4", gw: "0.0.0.0" }],
                },
            },
        ]);
        assert.deepEqual(conflist("seats").plugins, [
            {
                ...macvlan,
                capabilities: { ips: true },
                ipam: { type: "static", routes: [{ dst: "224.0.0.0/4" }] },
            },
        ]);
        assert.deepEqual(conflist("overlay").plugins, [
            {
                type: "cilium-cni",
                "enable-debug": false,
                "log-file": "/var/run/cilium/cilium-cni.log",
            },
            { type: "netroutes", routes: [{ dst: "10.245.0.0/16", mtu: 1400 }] },
        ]);
    });

    it("asks for networks, addresses and groups pod by pod", () => {
        const demos = (cluster: string) =>
            (values(`${cluster}-demo-release`) as unknown as { demos: Record<string, string>[] })
                .demos;
        const [first, second, plain] = demos("edge1");
        assert.equal(first!["networks"], "data-plane,lan,seats,local");
        assert.deepEqual(JSON.parse(first!["annotation"]!), [
            { name: "data-plane" },
            { name: "lan" },
            { name: "seats", ips: ["10.17.17.2/16"] },
            { name: "local" },
        ]);
        assert.match(first!["groups"]!, /^239\.[0-9.]+@net2,239\.[0-9.]+@net3$/);
        assert.equal(second!["groups"], "");
        assert.deepEqual(plain, {
            name: "plain1",
            node: edge1.nodes[0]!.name,
            networks: "",
            annotation: "",
            groups: "",
        });
        assert.equal(demos("edge3")[0]!["annotation"], "data-plane");
    });

    it("refuses another pool where Cilium has given ranges of one", () => {
        const network = plan.networks.find((network) => network.type === "cilium")!;
        const ranges = { "edge2-worker": { range: "10.245.1.0/24", router: "10.245.1.99" } };
        const givenProblem = (network: NetworkPlan) =>
            typeOf(network).givenProblem?.(network, ranges, "k");
        assert.equal(givenProblem(network), undefined);
        for (const change of [{ cidr: "10.99.0.0/16" }, { nodePrefix: 25 }]) {
            assert.match(
                givenProblem({ ...network, ...change }) ?? "",
                /networks\.overlay: .*edge2-worker.*10\.245\.1\.0\/24.*\n.*delete ciliumnodes/,
            );
        }
    });

    it("takes the time of the bridge from its label, now if it has to be made, none if it never had one", () => {
        const bridge = {
            id: "1",
            name: "multinet-unit",
            driver: "bridge",
            subnets: [],
            labels: {},
        };
        const labels = { "multinet.dev/made": "then" };
        assert.equal(bridgeMade({ own: [{ ...bridge, labels }], foreign: [] }), "then");
        assert.equal(bridgeMade({ own: [bridge], foreign: [] }), undefined);
        assert.match(bridgeMade({ own: [], foreign: [bridge] })!, /^2\d{3}-.*Z$/);
    });

    it("marks the bridge with when it was made", () => {
        assert.deepEqual((one("testbed-bridge-network").inputs["labels"] as unknown[]).at(-1), {
            label: "multinet.dev/made",
            value: "2026-01-01T00:00:00.000Z",
        });
    });

    it("encrypts only where it is asked to, when Calico is there and before the pods are", async () => {
        assert.ok(![...all.keys()].some((name) => name.includes("encryption")));
        const encrypted = {
            clusters: { edge1: { primary: "calico", calico: { wireguard: true } } },
        };
        all = await registered(() => {
            new Testbed("testbed", encrypted, {
                host: {
                    images,
                    charts: resolveCharts({}),
                    archives: [],
                    kubeconfigs: "/kubeconfigs",
                },
            });
        });
        assert.deepEqual(one("edge1-encryption-felix").inputs["spec"], { wireguardEnabled: true });
        assert.deepEqual(awaited("edge1-encryption-felix"), [
            "edge1-node-routes-release",
            "edge1-node-routes-rollout",
        ]);
        assert.ok(awaited("edge1-demo-release").includes("edge1-encryption-felix"));
    });

    describe("values of charts", () => {
        const { networks } = plan;
        const overlay = networks.find((network) => network.type === "cilium")!;
        const ofPrimary = (cluster: ClusterPlan, settings: object = cluster.settings!) =>
            primaryOf(cluster).values!(cluster, settings);
        const ofExtra = (values?: HelmValues) =>
            typeOf(overlay).values!({ ...overlay, ...(values && { values }) });
        const calico = ofPrimary(edge2);
        const primary = ofPrimary(edge3);
        const secondary = ofExtra();

        it("have the pool, and let Calico's data plane follow kube-proxy", () => {
            const { calicoNetwork } = calico["installation"] as {
                calicoNetwork: Record<string, unknown>;
            };
            assert.equal(calicoNetwork["linuxDataplane"], "Nftables");
            assert.equal(calicoNetwork["bgp"], "Disabled");
            assert.deepEqual(calicoNetwork["ipPools"], [
                {
                    cidr: edge2.podSubnet,
                    encapsulation: "VXLAN",
                    natOutgoing: "Enabled",
                    blockSize: 26,
                },
            ]);
            const pool = (values: HelmValues) => (values["ipam"] as HelmValues)["operator"];
            assert.deepEqual(pool(secondary), {
                clusterPoolIPv4PodCIDRList: ["10.245.0.0/16"],
                clusterPoolIPv4MaskSize: 24,
            });
            assert.deepEqual(pool(primary), {
                clusterPoolIPv4PodCIDRList: [edge3.podSubnet],
                clusterPoolIPv4MaskSize: 24,
            });
            assert.equal(secondary["MTU"], 1450);
        });

        it("keep what the user says where the testbed only has a default", () => {
            assert.deepEqual(calico["apiServer"], { enabled: true });
            assert.deepEqual(calico["whisker"], { enabled: false });
            const { nonPrivileged, controlPlaneReplicas } = calico["installation"] as HelmValues;
            assert.deepEqual([nonPrivileged, controlPlaneReplicas], ["Enabled", 1]);
            assert.deepEqual(primary["hubble"], { enabled: true });
            assert.deepEqual(secondary["hubble"], { enabled: false });
            const users = { operator: { replicas: 2 }, policyEnforcementMode: "default" };
            const changed = ofExtra(users);
            assert.equal(changed["policyEnforcementMode"], "default");
            assert.equal((changed["operator"] as HelmValues)["replicas"], 2);
            assert.equal((changed["operator"] as HelmValues)["setNodeTaints"], false);
        });

        it("leave the primary network and its pods alone as a secondary network", () => {
            assert.deepEqual(secondary["cni"], {
                exclusive: false,
                customConf: true,
                uninstall: false,
            });
            assert.deepEqual((secondary["operator"] as HelmValues)["unmanagedPodWatcher"], {
                restart: false,
            });
            assert.equal(secondary["enableIPv4Masquerade"], false);
            assert.deepEqual(primary["cni"], { exclusive: false });
            assert.equal(primary["enableIPv4Masquerade"], undefined);
        });

        /** What is the same whatever the user says is decided, and saying it is refused. */
        it("are refused where multinet fixes them, each one", () => {
            const cases: [
                HelmValues,
                (values: HelmValues) => HelmValues,
                (values: HelmValues) => object,
            ][] = [
                [
                    calico,
                    (values) => ofPrimary(edge2, { ...edge2.settings, values }),
                    (values) => ({
                        clusters: { edge1: { primary: "calico", calico: { values } } },
                    }),
                ],
                [
                    primary,
                    (values) => ofPrimary(edge3, { values }),
                    (values) => ({
                        clusters: { edge1: { primary: "cilium", cilium: { values } } },
                    }),
                ],
                [
                    secondary,
                    ofExtra,
                    (values) => ({
                        clusters: { edge1: {} },
                        networks: { overlay: { type: "cilium", cidr: "10.245.0.0/16", values } },
                    }),
                ],
            ];
            for (const [all, over, config] of cases) {
                for (const path of leaves(all)) {
                    const users = at(path, "the user's");
                    const refused = "problems" in validateConfig(config(users) as never, owner);
                    const kept = JSON.stringify(over(users)).includes("the user's");
                    assert.notEqual(refused, kept, `${path.join(".")}: refused ${refused}`);
                }
            }
        });
    });
});

/** The paths of all values that are no maps. */
function leaves(values: HelmValues, path: string[] = []): string[][] {
    return Object.entries(values).flatMap(([key, value]) =>
        typeof value === "object" && value !== null && !Array.isArray(value)
            ? leaves(value as HelmValues, [...path, key])
            : [[...path, key]],
    );
}

function at([key, ...rest]: string[], value: unknown): HelmValues {
    return { [key!]: rest.length === 0 ? value : at(rest, value) };
}
