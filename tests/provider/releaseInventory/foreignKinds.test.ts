import assert from "node:assert/strict";
import { labReleases, SETTINGS } from "../labReleases.ts";

describe("the release inventory", function () {
    this.timeout(10_000);
    const lab = labReleases();

    describe("with kinds that Helm does not know", () => {
        const NAD =
            "/apis/k8s.cni.cncf.io/v1/namespaces/default/network-attachment-definitions/data-plane";
        const INSTALLATION = "/apis/operator.tigera.io/v1/installations/default";
        const CRD = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/things.example.org";

        beforeEach(() => {
            lab.release(
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
            lab.api.put(NAD, {
                apiVersion: "k8s.cni.cncf.io/v1",
                kind: "NetworkAttachmentDefinition",
                metadata: { name: "data-plane", namespace: "default", uid: "1" },
            });
            lab.api.put(INSTALLATION, installation());
            lab.api.put(CRD, {
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
        const patches = () => lab.api.requests.filter((request) => request.startsWith("PATCH"));

        it("takes what their operators fill in for their own", async () => {
            assert.deepEqual(await lab.changes(), {});
        });

        it("puts edited ones right, which an upgrade would leave, but not in a preview", async () => {
            lab.api.put(NAD, { ...lab.api.objects.get(NAD), spec: { config: '{"type":"x"}' } });
            lab.api.put(INSTALLATION, installation("Enabled"));
            lab.api.put(CRD, { ...lab.api.objects.get(CRD), spec: { scope: "Cluster" } });
            assert.deepEqual(await lab.changes(), {
                "NetworkAttachmentDefinition default/data-plane: spec.config differs": "update",
                "Installation default: spec.calicoNetwork.bgp differs": "update",
                "CustomResourceDefinition things.example.org: spec.scope differs": "update",
            });
            await lab.inventory.update(lab.old(), lab.inputs, lab.call(true));
            assert.deepEqual(patches(), []);

            const { repairs } = await lab.inventory.update(lab.old(), lab.inputs, lab.call());
            assert.deepEqual(repairs, { attachment: "1" });
            assert.deepEqual(await lab.changes(), {});
            // No field was touched that the manifest does not mention.
            assert.deepEqual(lab.api.objects.get(INSTALLATION), installation());
        });

        it("leaves to the upgrade what that restores", async () => {
            lab.api.objects.delete(NAD);
            lab.api.put(SETTINGS, { ...lab.api.objects.get(SETTINGS), data: { a: "c" } });
            await lab.inventory.update(lab.old(), lab.inputs, lab.call());
            assert.deepEqual(patches(), []);
        });

        it("says what to do when that is refused", async () => {
            lab.api.put(INSTALLATION, installation("Enabled"));
            lab.api.refusal = "admission webhook says no";
            await assert.rejects(
                lab.inventory.update(lab.old(), lab.inputs, lab.call()),
                /^Error: Installation default was changed and could not be put right: .*webhook says no \(422\)\nDelete it: the next `pulumi up` recreates it\.$/,
            );
        });

        it("looks into lists, and does not miss a Job that removes itself", async () => {
            lab.release(
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
            assert.deepEqual(await lab.changes(), { "ConfigMap other/one: missing": "update" });
        });
    });
});
