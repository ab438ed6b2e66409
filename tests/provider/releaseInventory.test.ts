import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { identityOf } from "../../provider/kind/kubeconfigFile.ts";
import { releaseInventory } from "../../provider/releaseInventory.ts";
import type { InventoryInputs } from "../../provider/releaseInventory.ts";
import { UNKNOWN } from "../../provider/resource.ts";
import type { Call } from "../../provider/resource.ts";
import { FakeApi } from "./fakes/api.ts";

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
const SETTINGS = "/api/v1/namespaces/other/configmaps/settings";

describe("the release inventory", function () {
    this.timeout(10_000);
    const inventory = releaseInventory();
    let api: FakeApi;
    let folder: string;
    let inputs: InventoryInputs;
    let logged: string[];

    beforeEach(async () => {
        api = new FakeApi();
        await api.start();
        folder = mkdtempSync(join(tmpdir(), "multinet-inventory-"));
        const kubeconfigPath = join(folder, "edge1.yaml");
        writeFileSync(kubeconfigPath, api.kubeconfig);
        inputs = {
            kubeconfigPath,
            ca: identityOf(api.kubeconfig).ca,
            nodeAddresses: { n: "10.0.0.2" },
        };
        logged = [];
        release("multus", 1, "deployed");
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
        api.stop();
        rmSync(folder, { recursive: true });
    });

    function release(
        name: string,
        version: number,
        status: string,
        config: object = { repair: "0" },
    ) {
        const content = { name, version, config, manifest: MANIFEST };
        const secret = `sh.helm.release.v1.${name}.v${version}`;
        api.put(`/api/v1/namespaces/kube-system/secrets/${secret}`, {
            metadata: { name: secret, namespace: "kube-system", labels: { owner: "helm", status } },
            data: {
                release: Buffer.from(gzipSync(JSON.stringify(content)).toString("base64")).toString(
                    "base64",
                ),
            },
        });
    }

    const call = (preview = false): Call => ({
        urn: "urn",
        preview,
        signal: new AbortController().signal,
        log: (_severity, message) => {
            logged.push(message);
        },
    });
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
        assert.deepEqual(logged, []);
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
        assert.equal(logged.length, 1);
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
        api.put("/api/v1/namespaces/kube-system/secrets/x", {});
        api.objects.clear();
        release("nad", 1, "deployed");
        const found = await changes();
        assert.equal(found["DaemonSet kube-system/multus: missing"], "update");
    });

    it("leaves releases alone that take no repairs", async () => {
        api.objects.clear();
        release("foreign", 1, "deployed", { replicas: 2 });
        assert.deepEqual(await changes(), {});
    });

    it("removes what a killed Helm left pending, but not in a preview", async () => {
        release("multus", 2, "pending-upgrade");
        const secret = "/api/v1/namespaces/kube-system/secrets/sh.helm.release.v1.multus.v2";
        assert.deepEqual(await changes(), {
            "release multus: revision 2 left pending-upgrade": "update",
        });
        await inventory.update(old(), inputs, call(true));
        assert.ok(api.objects.has(secret));
        const outputs = await inventory.update(old(), inputs, call());
        assert.ok(!api.objects.has(secret));
        assert.deepEqual(outputs.repairs, { multus: "1" });
        assert.deepEqual(await changes(), {});
    });

    it("waits for an API that is not ready yet", async () => {
        api.busy = 2;
        assert.deepEqual(await changes(), {});
        assert.deepEqual(api.requests.slice(0, 3), Array<string>(3).fill("GET /readyz"));
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
