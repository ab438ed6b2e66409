import assert from "node:assert/strict";
import { firstDifference, mergePatch } from "../../../provider/helm/compare.ts";
import type { KubeObject } from "../../../provider/helm/manifest.ts";
import { upgradeRestores } from "../../../provider/helm/native.ts";

describe("comparing objects of other people's charts", () => {
    const object = (kind: string, fields: object): KubeObject => ({
        apiVersion: "v1",
        kind,
        metadata: { name: "x" },
        ...fields,
    });
    /** Compares one field of a spec. */
    const found = (wanted: unknown, now: unknown, kind = "Deployment") =>
        firstDifference(
            object(kind, { spec: { field: wanted } }),
            object(kind, { spec: now === undefined ? {} : { field: now } }),
        );

    for (const [wanted, now] of [
        ["0.1", "100m"],
        [0.1, "100m"],
        ["1.5", "1500m"],
        [".5", "500m"],
        ["1e3", "1k"],
        ["2Pi", "2048Ti"],
        [134217728, "128Mi"],
        ["8080", 8080],
        [null, "set by others"],
        ["", "set by others"],
        ["", undefined],
        [[], undefined],
        [{}, undefined],
        [[], [{ key: "aggregated" }]],
        [{ a: null, b: "", c: [] }, undefined],
        [false, undefined],
    ] as const) {
        it(`takes ${JSON.stringify(now)} for ${JSON.stringify(wanted)}`, () => {
            assert.equal(found(wanted, now), undefined);
        });
    }

    for (const [wanted, now] of [
        ["0.1", "200m"],
        ["1e3", "1e4"],
        ["1", "1x"],
        [true, undefined],
        ["a", ""],
        [["a"], []],
        [{ a: 1 }, "a"],
    ] as const) {
        it(`tells ${JSON.stringify(now)} from ${JSON.stringify(wanted)}`, () => {
            assert.match(found(wanted, now) ?? "", /^spec\.field/);
        });
    }

    it("tells ports of one number and mounts of one volume apart", () => {
        const lists = (mode: string) => ({
            ports: [
                { containerPort: 53, protocol: "UDP" },
                { containerPort: 53, protocol: "TCP" },
            ],
            mounts: [
                { name: "run", mountPath: "/a" },
                { name: "run", mountPath: "/b", mode },
            ],
        });
        assert.equal(found(lists("x"), lists("x")), undefined);
        assert.equal(found(lists("x"), lists("y")), "spec.field.mounts[run].mountPath");
    });

    it("leaves to controllers what they fill in", () => {
        for (const kind of ["MutatingWebhookConfiguration", "ValidatingWebhookConfiguration"]) {
            const webhooks = (caBundle: string, path = "/") => ({
                webhooks: [{ name: "a.b.c", clientConfig: { caBundle, service: { path } } }],
            });
            const wanted = object(kind, webhooks("Cg=="));
            assert.equal(firstDifference(wanted, object(kind, webhooks("TWluZQ=="))), undefined);
            assert.equal(
                firstDifference(wanted, object(kind, webhooks("Cg==", "/other"))),
                "webhooks[a.b.c].clientConfig.service.path",
            );
        }
        const kind = "CustomResourceDefinition";
        const spec = (strategy: string) => ({ spec: { conversion: { strategy } } });
        assert.equal(
            firstDifference(object(kind, spec("None")), object(kind, spec("Webhook"))),
            undefined,
        );
    });

    it("takes texts literally", () => {
        const differ = (wanted: object, now: object, kind = "ConfigMap") =>
            firstDifference(object(kind, wanted), object(kind, now));
        assert.equal(differ({ data: { cpu: "1000m" } }, { data: { cpu: "1" } }), "data.cpu");
        assert.equal(differ({ data: { key: "" } }, { data: { key: "x" } }), "data.key");
        assert.equal(
            differ(
                { spec: { template: { metadata: { labels: { version: "1.10" } } } } },
                { spec: { template: { metadata: { labels: { version: "1.1" } } } } },
                "Deployment",
            ),
            "spec.template.metadata.labels.version",
        );
        const env = (value: string) => ({ spec: { env: [{ name: "LEVEL", value }] } });
        assert.equal(differ(env(""), env("debug"), "Deployment"), "spec.env[LEVEL].value");
        const node = (value: string) => ({ spec: { nodeSelector: { role: value } } });
        assert.equal(differ(node(""), node("x"), "Deployment"), "spec.nodeSelector.role");
    });

    const pod = (spec: object) => ({ spec: { template: { spec } } });
    const container = (securityContext: object) =>
        pod({ containers: [{ name: "a", securityContext }] });
    for (const [what, kind, wanted, now, expected] of [
        [
            "a token that a pod has again",
            "Deployment",
            pod({ automountServiceAccountToken: false }),
            pod({}),
            "spec.template.spec.automountServiceAccountToken",
        ],
        [
            "a token that a service account gives again",
            "ServiceAccount",
            { automountServiceAccountToken: false },
            {},
            "automountServiceAccountToken",
        ],
        [
            "privileges that may escalate again",
            "Deployment",
            container({ allowPrivilegeEscalation: false }),
            container({}),
            "spec.template.spec.containers[a].securityContext.allowPrivilegeEscalation",
        ],
        [
            "the image's user instead of root, the context removed as a whole",
            "Deployment",
            container({ runAsUser: 0, privileged: false }),
            pod({ containers: [{ name: "a" }] }),
            "spec.template.spec.containers[a].securityContext",
        ],
        [
            "a toleration without an end",
            "Deployment",
            pod({ tolerations: [{ key: "k", tolerationSeconds: 0 }] }),
            pod({ tolerations: [{ key: "k" }] }),
            "spec.template.spec.tolerations[0].tolerationSeconds",
        ],
        [
            "peers of one namespace instead of all",
            "NetworkPolicy",
            { spec: { ingress: [{ from: [{ podSelector: { a: "b" }, namespaceSelector: {} }] }] } },
            { spec: { ingress: [{ from: [{ podSelector: { a: "b" } }] }] } },
            "spec.ingress[0].from[0].namespaceSelector",
        ],
        ["an empty text that is gone", "ConfigMap", { data: { key: "" } }, {}, "data"],
        [
            "an empty label that is gone",
            "Deployment",
            { metadata: { name: "x", labels: { "node-role/x": "" } } },
            { metadata: { name: "x", labels: {} } },
            "metadata.labels.node-role/x",
        ],
    ] as const) {
        it(`finds ${what}`, () => {
            const [manifest, live] = [object(kind, wanted), object(kind, now)];
            assert.equal(firstDifference(manifest, live), expected);
            assert.equal(firstDifference(manifest, structuredClone(manifest)), undefined);
        });
    }

    it("lets a foreign kind's controller drop what is empty, whatever the field is called", () => {
        const installation = (spec: object) =>
            object("Installation", { apiVersion: "operator.tigera.io/v1", spec });
        assert.equal(firstDifference(installation({ runAsUser: 0 }), installation({})), undefined);
    });

    it("wants an attachment without configuration to stay without", () => {
        const wanted = object("NetworkAttachmentDefinition", {});
        const now = (spec: object) => object("NetworkAttachmentDefinition", { spec });
        assert.equal(firstDifference(wanted, now({})), undefined);
        assert.equal(firstDifference(wanted, object("NetworkAttachmentDefinition", {})), undefined);
        assert.equal(firstDifference(wanted, now({ config: "{}" })), "spec.config");
        assert.deepEqual(mergePatch(wanted, now({ config: "{}" })), { spec: { config: "" } });
    });

    it("patches just what differs, lists as a whole", () => {
        const wanted = object("Installation", {
            spec: { same: { a: 1 }, open: null, nested: { x: "1", y: "2" }, list: ["a", "b"] },
        });
        const now = object("Installation", {
            spec: {
                same: { a: 1, b: 2 },
                open: 3,
                nested: { x: "1", y: "3", z: 4 },
                list: ["a"],
            },
            status: {},
        });
        assert.deepEqual(mergePatch(wanted, now), {
            spec: { nested: { y: "2" }, list: ["a", "b"] },
        });
        assert.equal(mergePatch(wanted, structuredClone(wanted)), undefined);
    });

    it("knows which kinds an upgrade restores", () => {
        for (const apiVersion of [
            "v1",
            "apps/v1",
            "batch/v1",
            "policy/v1",
            "networking.k8s.io/v1",
        ]) {
            assert.ok(upgradeRestores({ apiVersion }), apiVersion);
        }
        for (const apiVersion of [
            "operator.tigera.io/v1",
            "k8s.cni.cncf.io/v1",
            "cilium.io/v2",
            "apiextensions.k8s.io/v1",
            "gateway.networking.k8s.io/v1",
        ]) {
            assert.ok(!upgradeRestores({ apiVersion }), apiVersion);
        }
    });
});
