import assert from "node:assert/strict";
import { DAEMON_SET, labReleases, MANIFEST, SECRETS } from "../labReleases.ts";

describe("the release inventory", function () {
    this.timeout(10_000);
    const lab = labReleases();

    it("leaves every release alone that the stack does not declare, whatever its values", async () => {
        lab.release(
            "mine",
            1,
            "deployed",
            { repair: "0" },
            "kind: ConfigMap\nmetadata: {name: gone}",
        );
        lab.release("mine", 2, "pending-upgrade");
        lab.release("multus", 1, "pending-install", { repair: "0" }, MANIFEST, "prod");
        const before = new Map(lab.api.objects);
        assert.deepEqual(await lab.changes(), {});
        const outputs = await lab.inventory.update(lab.old(), lab.inputs, lab.call());
        assert.deepEqual(outputs.repairs, {});
        assert.deepEqual(lab.api.objects, before);
    });

    it("leaves one alone that has a declared name but not our value", async () => {
        lab.release("multus", 1, "deployed", { replicas: 2 });
        lab.release("multus", 2, "pending-upgrade", { replicas: 2 });
        lab.api.objects.delete(DAEMON_SET);
        assert.deepEqual(await lab.changes(), {});
        await lab.inventory.create(lab.inputs, lab.call());
        assert.deepEqual(lab.recorded("multus").at(-1), [
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
            lab.api.put(`/api/v1/namespaces/kube-system/secrets/${name}`, { ...secret, metadata });
        }
        lab.putSecret("mine", 1, "deployed", "no release at all");
        assert.deepEqual(await lab.changes(), {});
    });

    describe("finds a record from which no upgrade can start, and makes it a failed one", () => {
        for (const [what, arrange, finding, after] of [
            [
                "left pending by a killed upgrade",
                () => lab.release("multus", 2, "pending-upgrade"),
                "revision 2 left pending-upgrade",
                ["2", "failed", "failed", MANIFEST],
            ],
            [
                "left by a killed uninstallation",
                () => lab.release("multus", 1, "uninstalling"),
                "revision 1 left uninstalling",
                ["1", "failed", "failed", MANIFEST],
            ],
            [
                "that is damaged",
                () => lab.putSecret("multus", 2, "deployed", "H4sIAAAA"),
                "revision 2 cannot be read (Secret sh.helm.release.v1.multus.v2): it is damaged",
                ["2", "failed", "failed", ""],
            ],
            [
                "that is missing",
                () => void lab.api.objects.delete(`${SECRETS}/sh.helm.release.v1.multus.v1`),
                "its record is missing",
                ["1", "failed", "failed", ""],
            ],
            [
                "of which only superseded revisions are left",
                () => lab.release("multus", 1, "superseded"),
                "its record is missing",
                ["2", "failed", "failed", ""],
            ],
        ] as const) {
            it(what, async () => {
                arrange();
                const found = `release kube-system/multus: ${finding}`;
                assert.deepEqual(await lab.changes(), { [found]: "update" });
                const before = new Map(lab.api.objects);
                await lab.inventory.update(lab.old(), lab.inputs, lab.call(true));
                assert.deepEqual(lab.api.objects, before);

                const outputs = await lab.inventory.update(lab.old(), lab.inputs, lab.call());
                assert.deepEqual(outputs.repairs, { multus: "1" });
                assert.deepEqual(lab.recorded("multus").at(-1), after);
                assert.deepEqual(await lab.changes(), {});
            });
        }

        it("that is missing with its namespace", async () => {
            lab.api.objects.delete(`${SECRETS}/sh.helm.release.v1.multus.v1`);
            lab.api.missingNamespaces.add("kube-system");
            await lab.inventory.update(lab.old(), lab.inputs, lab.call());
            assert.equal(lab.recorded("multus").length, 1);
            assert.ok(lab.api.requests.includes("POST /api/v1/namespaces"));
        });
    });

    it("does not miss a release that was not declared before", async () => {
        const lan = { namespace: "default", name: "attachment-lan" };
        const now = { ...lab.inputs, releases: [...lab.inputs.releases, lan] };
        assert.deepEqual(await lab.changes(now), { releases: "update" });
        assert.deepEqual((await lab.inventory.update(lab.old(), now, lab.call())).repairs, {});
        assert.deepEqual(lab.recorded("attachment-lan", "default"), []);
    });

    it("needs no list of releases in a state that has none", async () => {
        lab.api.objects.clear();
        const before = { ...lab.inputs, releases: undefined as never };
        const legacy = { id: "inventory", inputs: before, outputs: { ...before, repairs: {} } };
        const found = await lab.inventory.diff(legacy, lab.inputs, lab.call());
        assert.deepEqual(found.changes, { releases: "update" });
        lab.release("multus", 1, "deployed");
        const { changes } = await lab.inventory.diff(legacy, lab.inputs, lab.call());
        assert.equal(changes["DaemonSet kube-system/multus: missing"], "update");
    });

    it("lets the releases of an adopted cluster be installed again, and touches no others", async () => {
        lab.release("multus", 1, "superseded");
        lab.release("multus", 2, "deployed");
        lab.release("mine", 1, "deployed");
        const before = new Map(lab.api.objects);
        await lab.inventory.create(lab.inputs, lab.call(true));
        assert.deepEqual(lab.api.objects, before);
        await lab.inventory.create(lab.inputs, lab.call());
        assert.deepEqual(
            lab.recorded("multus").map(([version, status, inside]) => [version, status, inside]),
            [
                ["1", "superseded", "superseded"],
                ["2", "failed", "failed"],
            ],
        );
        assert.equal(lab.recorded("mine")[0]![1], "deployed");
    });
});
