import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { gunzipSync, gzipSync } from "node:zlib";
import { releaseInventory } from "../../provider/releaseInventory.ts";
import type { InventoryInputs } from "../../provider/releaseInventory.ts";
import { UNKNOWN } from "../../provider/resource.ts";
import type { FakeApi } from "./fakes/api.ts";
import { FakeCluster } from "./fakes/cluster.ts";

const MANIFEST = `---
apiVersion: apps/v1
kind: DaemonSet
metadata: {name: multus}
spec: {size: 1}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: multus}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: settings, namespace: other}
data: {a: b}
`;

const DAEMON_SET = "/apis/apps/v1/namespaces/kube-system/daemonsets/multus";
const ROLE = "/apis/rbac.authorization.k8s.io/v1/clusterroles/multus";
const SECRETS = "/api/v1/namespaces/kube-system/secrets";
const SETTINGS = "/api/v1/namespaces/other/configmaps/settings";

describe("the release inventory", function () {
    this.timeout(10_000);
    const inventory = releaseInventory(20);
    let cluster: FakeCluster;
    let api: FakeApi;
    let inputs: InventoryInputs;

    beforeEach(async () => {
        cluster = await FakeCluster.start();
        api = cluster.api;
        inputs = {
            ...cluster.access,
            nodeAddresses: { n: "10.0.0.2" },
            releases: ["multus", "attachment"].map((name) => ({ namespace: "kube-system", name })),
        };
        release("multus", 1, "deployed");
        release("attachment", 1, "deployed", { repair: "0" }, "");
        api.put(DAEMON_SET, {
            kind: "DaemonSet",
            apiVersion: "apps/v1",
            metadata: { name: "multus" },
            spec: { size: 1, more: 2 },
        });
        api.put(ROLE, {
            kind: "ClusterRole",
            apiVersion: "rbac.authorization.k8s.io/v1",
            metadata: { name: "multus" },
        });
        api.put(SETTINGS, {
            kind: "ConfigMap",
            apiVersion: "v1",
            metadata: { name: "settings" },
            data: { a: "b" },
        });
    });
    afterEach(() => {
        cluster.stop();
    });

    function release(
        name: string,
        version: number,
        status: string,
        config: object = { repair: "0" },
        manifest = MANIFEST,
        namespace = "kube-system",
    ) {
        const content = { name, namespace, version, config, manifest, info: { status } };
        const packed = gzipSync(JSON.stringify(content)).toString("base64");
        putSecret(name, version, status, packed, namespace);
    }

    function putSecret(
        release: string,
        version: number,
        status: string,
        packed: string,
        namespace = "kube-system",
    ) {
        const name = `sh.helm.release.v1.${release}.v${version}`;
        const labels = { owner: "helm", name: release, status, version: `${version}` };
        api.put(`/api/v1/namespaces/${namespace}/secrets/${name}`, {
            type: "helm.sh/release.v1",
            metadata: { name, namespace, labels },
            data: { release: Buffer.from(packed).toString("base64") },
        });
    }

    /** What Helm would find: version, status by label and by content, manifest, of every revision. */
    const recorded = (release: string, namespace = "kube-system") =>
        [...api.objects]
            .filter(([path]) =>
                path.includes(`/${namespace}/secrets/sh.helm.release.v1.${release}.`),
            )
            .map(([, secret]) => {
                const { metadata, data } = secret as {
                    metadata: { labels: { version: string; status: string } };
                    data: { release: string };
                };
                const packed = Buffer.from(
                    Buffer.from(data.release, "base64").toString(),
                    "base64",
                );
                const { info, manifest } = JSON.parse(gunzipSync(packed).toString()) as {
                    info: { status: string };
                    manifest: string;
                };
                return [metadata.labels.version, metadata.labels.status, info.status, manifest];
            });

    const call: FakeCluster["call"] = (...args) => cluster.call(...args);
    const old = (repairs: Record<string, string> = {}) => ({
        id: "inventory",
        inputs,
        outputs: { ...inputs, repairs },
    });
    const changes = async (now = inputs) => (await inventory.diff(old(), now, call())).changes;

    it("begins without repairs", async () => {
        const { outputs } = await inventory.create(inputs, call(true));
        assert.deepEqual(outputs.repairs, {});
    });

    it("finds nothing where all is as installed", async () => {
        assert.deepEqual(await changes(), {});
        assert.deepEqual(cluster.logged, []);
    });

    it("asks for superseded revisions neither, nor twice for a group", async () => {
        await changes();
        assert.ok(
            api.requests.some(
                (request) =>
                    request.includes("status!%3Dsuperseded") ||
                    request.includes("status%21%3Dsuperseded"),
            ),
        );
        assert.equal(new Set(api.requests).size, api.requests.length);
    });

    it("names each object that is missing or different, and bumps the release's repairs", async () => {
        api.objects.delete(DAEMON_SET);
        api.objects.delete(ROLE);
        api.put(SETTINGS, {
            kind: "ConfigMap",
            apiVersion: "v1",
            metadata: { name: "settings" },
            data: { a: "c" },
        });
        assert.deepEqual(await changes(), {
            "DaemonSet kube-system/multus: missing": "update",
            "ClusterRole multus: missing": "update",
            "ConfigMap other/settings: data.a differs": "update",
        });
        assert.equal(cluster.logged.length, 1);
        for (const preview of [true, false]) {
            const outputs = await inventory.update(
                old({ multus: "1", demo: "4" }),
                inputs,
                call(preview),
            );
            assert.deepEqual(outputs.repairs, { multus: "2", demo: "4" });
        }
    });

    it("calls an object of a kind that the cluster does not know missing", async () => {
        api.objects.clear();
        release("multus", 1, "deployed");
        const found = await changes();
        assert.equal(found["DaemonSet kube-system/multus: missing"], "update");
    });

    it("leaves every release alone that the stack does not declare, whatever its values", async () => {
        release("mine", 1, "deployed", { repair: "0" }, "kind: ConfigMap\nmetadata: {name: gone}");
        release("mine", 2, "pending-upgrade");
        release("multus", 1, "pending-install", { repair: "0" }, MANIFEST, "prod");
        const before = new Map(api.objects);
        assert.deepEqual(await changes(), {});
        const outputs = await inventory.update(old(), inputs, call());
        assert.deepEqual(outputs.repairs, {});
        assert.deepEqual(api.objects, before);
    });

    it("leaves one alone that has a declared name but not our value", async () => {
        release("multus", 1, "deployed", { replicas: 2 });
        release("multus", 2, "pending-upgrade", { replicas: 2 });
        api.objects.delete(DAEMON_SET);
        assert.deepEqual(await changes(), {});
        await inventory.create(inputs, call());
        assert.deepEqual(recorded("multus").at(-1), [
            "2",
            "pending-upgrade",
            "pending-upgrade",
            MANIFEST,
        ]);
    });

    it("does not stumble over what only looks like a release", async () => {
        for (const [name, secret] of Object.entries({
            x: { metadata: { labels: { owner: "helm" } } },
            y: { type: "Opaque", metadata: { labels: { owner: "helm", name: "multus" } } },
            z: { type: "helm.sh/release.v1", metadata: { labels: { owner: "helm" } } },
        })) {
            const metadata = { name, namespace: "kube-system", ...secret.metadata };
            api.put(`/api/v1/namespaces/kube-system/secrets/${name}`, { ...secret, metadata });
        }
        putSecret("mine", 1, "deployed", "no release at all");
        assert.deepEqual(await changes(), {});
    });

    describe("finds a record from which no upgrade can start, and makes it a failed one", () => {
        for (const [what, arrange, finding, after] of [
            [
                "left pending by a killed upgrade",
                () => release("multus", 2, "pending-upgrade"),
                "revision 2 left pending-upgrade",
                ["2", "failed", "failed", MANIFEST],
            ],
            [
                "left by a killed uninstallation",
                () => release("multus", 1, "uninstalling"),
                "revision 1 left uninstalling",
                ["1", "failed", "failed", MANIFEST],
            ],
            [
                "that is damaged",
                () => putSecret("multus", 2, "deployed", "H4sIAAAA"),
                "revision 2 cannot be read (Secret sh.helm.release.v1.multus.v2): it is damaged",
                ["2", "failed", "failed", ""],
            ],
            [
                "that is missing",
                () => void api.objects.delete(`${SECRETS}/sh.helm.release.v1.multus.v1`),
                "its record is missing",
                ["1", "failed", "failed", ""],
            ],
            [
                "of which only superseded revisions are left",
                () => release("multus", 1, "superseded"),
                "its record is missing",
                ["2", "failed", "failed", ""],
            ],
        ] as const) {
            it(what, async () => {
                arrange();
                const found = `release kube-system/multus: ${finding}`;
                assert.deepEqual(await changes(), { [found]: "update" });
                const before = new Map(api.objects);
                await inventory.update(old(), inputs, call(true));
                assert.deepEqual(api.objects, before);

                const outputs = await inventory.update(old(), inputs, call());
                assert.deepEqual(outputs.repairs, { multus: "1" });
                assert.deepEqual(recorded("multus").at(-1), after);
                assert.deepEqual(await changes(), {});
            });
        }

        it("that is missing with its namespace", async () => {
            api.objects.delete(`${SECRETS}/sh.helm.release.v1.multus.v1`);
            api.missingNamespaces.add("kube-system");
            await inventory.update(old(), inputs, call());
            assert.equal(recorded("multus").length, 1);
            assert.ok(api.requests.includes("POST /api/v1/namespaces"));
        });
    });

    it("does not miss a release that was not declared before", async () => {
        const lan = { namespace: "default", name: "attachment-lan" };
        const now = { ...inputs, releases: [...inputs.releases, lan] };
        assert.deepEqual(await changes(now), { releases: "update" });
        assert.deepEqual((await inventory.update(old(), now, call())).repairs, {});
        assert.deepEqual(recorded("attachment-lan", "default"), []);
    });

    it("needs no list of releases in a state that has none", async () => {
        api.objects.clear();
        const before = { ...inputs, releases: undefined as never };
        const legacy = { id: "inventory", inputs: before, outputs: { ...before, repairs: {} } };
        const found = await inventory.diff(legacy, inputs, call());
        assert.deepEqual(found.changes, { releases: "update" });
        release("multus", 1, "deployed");
        const { changes } = await inventory.diff(legacy, inputs, call());
        assert.equal(changes["DaemonSet kube-system/multus: missing"], "update");
    });

    it("lets the releases of an adopted cluster be installed again, and touches no others", async () => {
        release("multus", 1, "superseded");
        release("multus", 2, "deployed");
        release("mine", 1, "deployed");
        const before = new Map(api.objects);
        await inventory.create(inputs, call(true));
        assert.deepEqual(api.objects, before);
        await inventory.create(inputs, call());
        assert.deepEqual(
            recorded("multus").map(([version, status, inside]) => [version, status, inside]),
            [
                ["1", "superseded", "superseded"],
                ["2", "failed", "failed"],
            ],
        );
        assert.equal(recorded("mine")[0]![1], "deployed");
    });

    it("is not compared while the API is silent, as in a refresh after its cluster is gone", async () => {
        cluster.api.stop();
        const hasty = releaseInventory(20, 50);
        const { changes } = await hasty.diff(old(), inputs, call());
        assert.deepEqual(changes, { "not compared": "update" });
        const { repairs } = await hasty.update(old(), inputs, call(true));
        assert.deepEqual(repairs, old().outputs.repairs);
    });

    it("waits for an API that is not ready yet", async () => {
        api.busy = 2;
        assert.deepEqual(await changes(), {});
        assert.deepEqual(new Set(api.requests.slice(0, 3)).size, 1);
        api.requests.length = 0;
        api.starting = 2;
        assert.deepEqual(await changes(), {});
        assert.equal(api.requests.filter((request) => request === "GET /readyz").length, 3);
    });

    it("does not ask whether the API is ready when that gives all that was asked for", async () => {
        await changes();
        assert.ok(!api.requests.includes("GET /readyz"));
        assert.ok(api.connections <= 2);
    });

    it("gives up with an error, not with an empty cluster, when cancelled while it waits", async () => {
        api.busy = 1000;
        const controller = new AbortController();
        const waiting = inventory.diff(old(), inputs, { ...call(), signal: controller.signal });
        setTimeout(() => {
            controller.abort(new Error("cancelled"));
        }, 50);
        await assert.rejects(waiting, /cancelled|aborted/);
    });

    describe("with kinds that Helm does not know", () => {
        const NAD =
            "/apis/k8s.cni.cncf.io/v1/namespaces/default/network-attachment-definitions/data-plane";
        const INSTALLATION = "/apis/operator.tigera.io/v1/installations/default";
        const CRD = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/things.example.org";

        beforeEach(() => {
            release(
                "attachment",
                2,
                "deployed",
                { repair: "0" },
                `---
apiVersion: k8s.cni.cncf.io/v1
kind: NetworkAttachmentDefinition
metadata: {name: data-plane, namespace: default}
---
apiVersion: operator.tigera.io/v1
kind: Installation
metadata: {name: default, annotations: {pinned: "yes"}}
spec:
  kubernetesProvider: ""
  imagePullSecrets: []
  calicoNetwork:
    bgp: Disabled
    ipPools: [{cidr: 192.168.0.0/16, encapsulation: VXLAN}]
---
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: things.example.org}
spec: {scope: Namespaced}
`,
            );
            api.put(NAD, {
                apiVersion: "k8s.cni.cncf.io/v1",
                kind: "NetworkAttachmentDefinition",
                metadata: { name: "data-plane", namespace: "default", uid: "1" },
            });
            api.put(INSTALLATION, installation());
            api.put(CRD, {
                apiVersion: "apiextensions.k8s.io/v1",
                kind: "CustomResourceDefinition",
                metadata: { name: "things.example.org" },
                spec: { scope: "Namespaced", conversion: { strategy: "None" } },
            });
        });

        /** As the operator leaves it: with all that the manifest does not say. */
        const installation = (bgp = "Disabled") => ({
            apiVersion: "operator.tigera.io/v1",
            kind: "Installation",
            metadata: { name: "default", annotations: { pinned: "yes", other: "1" }, uid: "2" },
            spec: {
                variant: "Calico",
                kubernetesProvider: "Kind",
                calicoNetwork: {
                    bgp,
                    mtu: 1450,
                    ipPools: [
                        {
                            name: "default-ipv4-ippool",
                            cidr: "192.168.0.0/16",
                            encapsulation: "VXLAN",
                            natOutgoing: "Enabled",
                        },
                    ],
                },
            },
            status: { variant: "Calico" },
        });
        const patches = () => api.requests.filter((request) => request.startsWith("PATCH"));

        it("takes what their operators fill in for their own", async () => {
            assert.deepEqual(await changes(), {});
        });

        it("puts edited ones right, which an upgrade would leave, but not in a preview", async () => {
            api.put(NAD, { ...api.objects.get(NAD), spec: { config: '{"type":"x"}' } });
            api.put(INSTALLATION, installation("Enabled"));
            api.put(CRD, { ...api.objects.get(CRD), spec: { scope: "Cluster" } });
            assert.deepEqual(await changes(), {
                "NetworkAttachmentDefinition default/data-plane: spec.config differs": "update",
                "Installation default: spec.calicoNetwork.bgp differs": "update",
                "CustomResourceDefinition things.example.org: spec.scope differs": "update",
            });
            await inventory.update(old(), inputs, call(true));
            assert.deepEqual(patches(), []);

            const { repairs } = await inventory.update(old(), inputs, call());
            assert.deepEqual(repairs, { attachment: "1" });
            assert.deepEqual(await changes(), {});
            // No field was touched that the manifest does not mention.
            assert.deepEqual(api.objects.get(INSTALLATION), installation());
        });

        it("leaves to the upgrade what that restores", async () => {
            api.objects.delete(NAD);
            api.put(SETTINGS, { ...api.objects.get(SETTINGS), data: { a: "c" } });
            await inventory.update(old(), inputs, call());
            assert.deepEqual(patches(), []);
        });

        it("says what to do when that is refused", async () => {
            api.put(INSTALLATION, installation("Enabled"));
            api.refusal = "admission webhook says no";
            await assert.rejects(
                inventory.update(old(), inputs, call()),
                /^Error: Installation default was changed and could not be put right: .*webhook says no \(422\)\nDelete it: the next `pulumi up` recreates it\.$/,
            );
        });

        it("looks into lists, and does not miss a Job that removes itself", async () => {
            release(
                "attachment",
                3,
                "deployed",
                { repair: "0" },
                `
apiVersion: v1
kind: List
items:
- apiVersion: v1
  kind: ConfigMap
  metadata: {name: one, namespace: other}
- apiVersion: batch/v1
  kind: Job
  metadata: {name: once}
  spec: {ttlSecondsAfterFinished: 60}
`,
            );
            assert.deepEqual(await changes(), { "ConfigMap other/one: missing": "update" });
        });
    });

    for (const [what, now] of [
        ["is another one", () => ({ ...inputs, ca: "other" })],
        ["is to be made", () => ({ ...inputs, ca: UNKNOWN })],
        ["has to be started first", () => ({ ...inputs, nodeAddresses: UNKNOWN as never })],
        [
            "has lost its kubeconfig",
            () => {
                writeFileSync(inputs.kubeconfigPath, "x");
                return inputs;
            },
        ],
    ] as const) {
        it(`looks at nothing while the cluster ${what}`, async () => {
            api.objects.delete(DAEMON_SET);
            const found = await changes(now());
            assert.ok(Object.keys(found).every((key) => key === "ca"));
            assert.deepEqual(api.requests, []);
        });
    }

    it("keeps its repairs when the cluster is another one, and survives a refresh", async () => {
        const outputs = await inventory.update(
            old({ multus: "3" }),
            { ...inputs, ca: "other" },
            call(),
        );
        assert.deepEqual(outputs.repairs, { multus: "3" });
        assert.deepEqual(await inventory.read(old({ multus: "3" }), call()), {
            inputs,
            outputs: old({ multus: "3" }).outputs,
        });
        await inventory.delete(old(), call());
    });
});
