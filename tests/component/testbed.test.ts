import assert from "node:assert/strict";
import { isDeepStrictEqual } from "node:util";
import { resolveCharts, resolveImages } from "../../plan/images.ts";
import { kindConfig } from "../../plan/kindConfig.ts";
import { Testbed } from "../../components/testbed.ts";
import { planTopology } from "../../plan/planTopology.ts";
import { validateConfig } from "../../plan/config/validate.ts";
import { registered, type Registered } from "./mocks.ts";

const owner = { project: "multinet", stack: "unit" };

function planOf(config: Record<string, unknown>) {
    const result = validateConfig(config, owner);
    assert.ok("topology" in result, JSON.stringify(result));
    return planTopology(result.topology, owner);
}

describe("a testbed of two clusters", function () {
    const config = { clusters: { edge1: { nodes: 2 }, edge2: {} } };
    const plan = planOf(config);
    const images = { node: "example/node:1", multus: "example/multus:1", toolbox: "example/box:1" };
    let all: Map<string, Registered>;

    const one = (name: string): Registered => {
        const found = all.get(name);
        assert.ok(found, `${name} is not among ${[...all.keys()].join(", ")}`);
        return found;
    };
    const ofType = (type: string) => [...all.values()].filter((one) => one.type === type);

    before(async function () {
        this.timeout(60_000);
        all = await registered(() => {
            new Testbed("testbed", config, {
                host: {
                    images,
                    charts: resolveCharts({}),
                    cniPlugins: "/own/cni-plugins",
                    archives: [{ path: "box.tar", digest: "0123" }],
                    bridge: { adopt: "network-id" },
                    kubeconfigs: "/kubeconfigs",
                },
            });
        });
    });

    it("has one bridge, with the planned range and its owner's labels", () => {
        const { inputs } = one("testbed-bridge-network");
        assert.equal(inputs["name"], "multinet-unit");
        assert.deepEqual(inputs["ipamConfigs"], [
            { subnet: plan.bridge.subnet, gateway: plan.bridge.gateway },
        ]);
        assert.deepEqual(inputs["labels"], [
            { label: "multinet.dev/project", value: "multinet" },
            { label: "multinet.dev/stack", value: "unit" },
        ]);
    });

    it("makes every cluster on that bridge, with its own kubeconfig file", () => {
        for (const cluster of plan.clusters) {
            const { inputs } = one(`${cluster.name}-kind`);
            assert.equal(inputs["network"], "multinet-unit");
            assert.equal(inputs["image"], images.node);
            assert.equal(inputs["kubeconfigPath"], `/kubeconfigs/${cluster.name}.yaml`);
            assert.equal(inputs["cniPlugins"], "/own/cni-plugins");
            assert.equal(inputs["config"], kindConfig(cluster));
            assert.deepEqual(
                inputs["nodes"],
                cluster.nodes.map(({ name }) => name),
            );
        }
    });

    it("deletes what is inside a cluster with the cluster's provider, and with no other", () => {
        const releases = ofType("kubernetes:helm.sh/v3:Release");
        assert.equal(releases.length, 8);
        for (const release of releases) {
            const cluster = release.name.split("-")[0]!;
            assert.match(release.deletedWith, new RegExp(`::${cluster}-kubernetes$`), release.name);
            assert.ok(release.provider.startsWith(release.deletedWith), release.name);
        }
    });

    it("ties each cluster's provider to the cluster's identity", () => {
        for (const { inputs } of ofType("pulumi:providers:kubernetes")) {
            assert.equal(inputs["clusterIdentifier"], "ca-hash");
        }
    });

    it("upgrades a release whose objects were found damaged, and one whose chart changed", () => {
        const values = (name: string) => one(name).inputs["values"] as Record<string, string>;
        assert.equal(values("edge1-multus-release")["repair"], "2");
        assert.equal(values("edge1-demo-release")["repair"], "0");
        assert.match(values("edge1-demo-release")["chartDigest"]!, /^[0-9a-f]{12}$/);
        assert.notEqual(
            values("edge1-demo-release")["chartDigest"],
            values("edge1-multus-release")["chartDigest"],
        );
    });

    it("lets a refresh pass by a cluster that is gone, and no update by one that does not answer yet", () => {
        const { inputs, dependencies } = one("edge1-kubernetes");
        assert.equal(inputs["skipUpdateUnreachable"], "true");
        assert.ok(dependencies.some((urn) => urn.endsWith("::edge1-inventory")));
    });

    it("tells each cluster's inventory the releases of that cluster, and no others", () => {
        const { inputs } = one("edge1-inventory");
        assert.deepEqual(inputs["releases"], [
            { namespace: "default", name: "attachment-data-plane" },
            { namespace: "default", name: "demo" },
            { namespace: "kube-system", name: "multus" },
            { namespace: "kube-system", name: "node-routes" },
        ]);
        const releases = ofType("kubernetes:helm.sh/v3:Release");
        const declared = releases
            .filter(({ name }) => name.startsWith("edge2-"))
            .map(({ inputs: { namespace, name } }) => ({ namespace, name }));
        assert.equal(declared.length, 4);
        for (const release of declared) {
            const { releases } = one("edge2-inventory").inputs as { releases: object[] };
            assert.ok(releases.some((each) => isDeepStrictEqual(each, release)));
        }
    });

    it("lets an install take the place of a failed one that is in no state", () => {
        for (const { inputs } of ofType("kubernetes:helm.sh/v3:Release")) {
            assert.equal(inputs["replace"], true);
        }
    });

    it("lets demo pods wait for the node agents and for every attachment", () => {
        const names = one("edge1-demo-release").dependencies.map((urn) => urn.split("::").at(-1));
        assert.ok(names.includes("edge1-node-routes-rollout"));
        assert.ok(names.includes("edge1-attachment-data-plane-release"));
    });

    it("waits for the agents of each revision of their release itself", () => {
        const { inputs } = one("edge1-node-routes-release");
        assert.equal(inputs["skipAwait"], true);
        const { kubeconfigPath, ca, namespace, daemonSet, revision } = one(
            "edge1-node-routes-rollout",
        ).inputs;
        assert.deepEqual(
            [ca, namespace, daemonSet, revision],
            ["ca-hash", inputs["namespace"], inputs["name"], 7],
        );
        assert.equal(kubeconfigPath, one("edge1-kind").inputs["kubeconfigPath"]);
    });

    it("makes no cluster wait for another", () => {
        for (const { name, dependencies } of all.values()) {
            if (!name.startsWith("edge1")) {
                continue;
            }
            assert.deepEqual(
                dependencies.filter((urn) => urn.includes("::edge2")),
                [],
                name,
            );
        }
    });

    it("gives every node its own slice under one network name", () => {
        const { nodes } = one("edge1-node-routes-release").inputs["values"] as {
            nodes: Record<string, { attachments: { conflist: { name: string } }[] }>;
        };
        const slices = Object.values(nodes).map(({ attachments }) => {
            assert.equal(attachments[0]!.conflist.name, "data-plane");
            return JSON.stringify(attachments[0]!.conflist).match(/"subnet":"([^"]+)"/)![1];
        });
        assert.deepEqual(slices, ["10.1.1.0/24", "10.1.2.0/24"]);
    });

    it("hands names of files to a fixed script by the environment only", () => {
        const { inputs } = one("edge1-archive-box-tar");
        assert.ok(!String(inputs["create"]).includes("box.tar"));
        assert.deepEqual(inputs["environment"], {
            ARCHIVE: "box.tar",
            CLUSTER: plan.clusters[0]!.kindName,
            KIND_EXPERIMENTAL_PROVIDER: "docker",
        });
    });

    it("loads an archive again when it has other content, and into workers that join later", () => {
        const { inputs } = one("edge1-archive-box-tar");
        assert.ok((inputs["triggers"] as unknown[]).includes("0123"));
        assert.deepEqual(one("edge1-kind").inputs["archives"], ["box.tar"]);
    });

    it("adopts a network that is like the planned one", () => {
        assert.equal(one("testbed-bridge-network").importId, "network-id");
    });

    it("makes all that is in the container engine depend on which one that is", () => {
        for (const name of ["testbed-bridge", "testbed-node-image"]) {
            const [engine] = one(name).dependencies.filter((urn) =>
                urn.endsWith("::testbed-engine"),
            );
            assert.ok(engine, name);
        }
        assert.equal(one("edge1-kind").inputs["engine"], "testbed-engine-id");
    });

    it("prefixes every child's name with its cluster's or the testbed's", () => {
        for (const { name, type } of all.values()) {
            if (type.startsWith("pulumi:pulumi:") || name === "docker") {
                continue;
            }
            assert.match(name, /^(testbed|edge1|edge2)(-|$)/);
        }
    });
});

describe("a testbed on a docker network with a small MTU", function () {
    this.timeout(60_000);

    const config = {
        clusters: { edge1: {} },
        networks: {
            "data-plane": { type: "ptp" },
            slow: { type: "bridge", cidr: "172.20.0.0/16", clusterPrefix: 20, mtu: 1000 },
            overlay: { type: "cilium", cidr: "10.245.0.0/16" },
        },
    };

    async function mtus(mtu?: number) {
        const all = await registered(() => {
            new Testbed("testbed", config, {
                host: {
                    images: resolveImages({}, {}),
                    charts: resolveCharts({}),
                    archives: [],
                    bridge: { mtu },
                    kubeconfigs: "/kubeconfigs",
                },
            });
        });
        const inputs = (name: string) => all.get(name)!.inputs;
        const { networks } = inputs("testbed-reachability-matrix") as {
            networks: { name: string; mtu?: number }[];
        };
        const { values } = inputs("edge1-cilium-release") as { values: Record<string, unknown> };
        return {
            bridge: inputs("testbed-bridge-network")["options"],
            probes: Object.fromEntries(networks.map(({ name, mtu }) => [name, mtu])),
            tunnel: values["MTU"],
            agents: JSON.stringify(inputs("edge1-node-routes-release")).match(
                /"mtu":\d+|\\"mtu\\":\d+/g,
            ),
        };
    }

    it("gives no network more than that carries", async () => {
        const { agents, ...rest } = await mtus(1400);
        assert.deepEqual(rest, {
            bridge: { "com.docker.network.driver.mtu": "1400" },
            probes: { "data-plane": 1400, slow: 1000, overlay: 1350 },
            tunnel: 1400,
        });
        assert.doesNotMatch(agents!.join(), /1500|1450/);
        assert.match(agents!.join(), /1400/);
    });

    it("states none where it is the usual one, nor more than that on a larger one", async () => {
        const usual = { "data-plane": 1500, slow: 1000, overlay: 1450 };
        const { bridge, probes } = await mtus();
        assert.deepEqual([bridge, probes], [undefined, usual]);
        const jumbo = await mtus(9000);
        assert.deepEqual(jumbo.bridge, { "com.docker.network.driver.mtu": "9000" });
        assert.deepEqual(jumbo.probes, usual);
    });
});

describe("images", () => {
    it("are pinned, by digest where the publisher gives one", () => {
        const { node, toolbox } = resolveImages({});
        assert.match(node, /@sha256:[0-9a-f]{64}$/);
        assert.match(toolbox, /@sha256:[0-9a-f]{64}$/);
    });

    it("come from the stack's config before a mirror, from a mirror before this machine", () => {
        const local = { node: "made.here/node:1", multus: "made.here/multus:1" };
        const images = resolveImages(
            { mirror: "mirror.example.com/m", multus: "own/multus:2" },
            local,
        );
        assert.match(images.node, /^mirror\.example\.com\/m\/kindest\/node:/);
        assert.equal(images.multus, "own/multus:2");
        assert.equal(resolveImages({}, local).node, "made.here/node:1");
    });
});
