import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { UNKNOWN } from "../../../provider/resource.ts";
import { DAEMON_SET, labReleases, ROLE, SETTINGS } from "../labReleases.ts";

describe("the release inventory", function () {
    this.timeout(10_000);
    const lab = labReleases();

    it("begins without repairs", async () => {
        const { outputs } = await lab.inventory.create(lab.inputs, lab.call(true));
        assert.deepEqual(outputs.repairs, {});
    });

    it("finds nothing where all is as installed", async () => {
        assert.deepEqual(await lab.changes(), {});
        assert.deepEqual(lab.cluster.logged, []);
    });

    it("names each object that is missing or different, and bumps the release's repairs", async () => {
        lab.api.objects.delete(DAEMON_SET);
        lab.api.objects.delete(ROLE);
        lab.api.put(SETTINGS, {
            kind: "ConfigMap",
            apiVersion: "v1",
            metadata: { name: "settings" },
            data: { a: "c" },
        });
        assert.deepEqual(await lab.changes(), {
            "DaemonSet kube-system/multus: missing": "update",
            "ClusterRole multus: missing": "update",
            "ConfigMap other/settings: data.a differs": "update",
        });
        assert.equal(lab.cluster.logged.length, 1);
        for (const preview of [true, false]) {
            const outputs = await lab.inventory.update(
                lab.old({ multus: "1", demo: "4" }),
                lab.inputs,
                lab.call(preview),
            );
            assert.deepEqual(outputs.repairs, { multus: "2", demo: "4" });
        }
    });

    it("calls an object of a kind that the cluster does not know missing", async () => {
        lab.api.objects.clear();
        lab.release("multus", 1, "deployed");
        const found = await lab.changes();
        assert.equal(found["DaemonSet kube-system/multus: missing"], "update");
    });

    for (const [what, now] of [
        ["is another one", () => ({ ...lab.inputs, ca: "other" })],
        ["is to be made", () => ({ ...lab.inputs, ca: UNKNOWN })],
        ["must be started first", () => ({ ...lab.inputs, nodeAddresses: UNKNOWN as never })],
        [
            "has lost its kubeconfig",
            () => {
                writeFileSync(lab.inputs.kubeconfigPath, "x");
                return lab.inputs;
            },
        ],
    ] as const) {
        it(`looks at nothing while the cluster ${what}`, async () => {
            lab.api.objects.delete(DAEMON_SET);
            const found = await lab.changes(now());
            assert.ok(Object.keys(found).every((key) => key === "ca"));
            assert.deepEqual(lab.api.requests, []);
        });
    }

    it("keeps its repairs when the cluster is another one, and survives a refresh", async () => {
        const outputs = await lab.inventory.update(
            lab.old({ multus: "3" }),
            { ...lab.inputs, ca: "other" },
            lab.call(),
        );
        assert.deepEqual(outputs.repairs, { multus: "3" });
        assert.deepEqual(await lab.inventory.read(lab.old({ multus: "3" }), lab.call()), {
            inputs: lab.inputs,
            outputs: lab.old({ multus: "3" }).outputs,
        });
        await lab.inventory.delete(lab.old(), lab.call());
    });
});
