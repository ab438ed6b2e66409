import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";
import { firstDifference, mergePatch } from "../../provider/helm/compare.ts";
import { objectsOf } from "../../provider/helm/manifest.ts";
import type { KubeObject } from "../../provider/helm/manifest.ts";
import { upgradeRestores } from "../../provider/helm/native.ts";
import { revisionOf, standingOf } from "../../provider/helm/release.ts";

function daemonSet(): KubeObject {
    return {
        apiVersion: "apps/v1",
        kind: "DaemonSet",
        metadata: { name: "multus", labels: { app: "multus" } },
        spec: {
            template: {
                spec: {
                    hostNetwork: true,
                    containers: [
                        {
                            name: "multus",
                            image: "multus:4",
                            args: ["--a", "--b"],
                            resources: { limits: { cpu: "1000m", memory: "1024Mi" } },
                            ports: [{ containerPort: 7000 }],
                            volumeMounts: [{ name: "cni", mountPath: "/host" }],
                            env: [],
                        },
                    ],
                    volumes: [{ name: "cni", hostPath: { path: "/etc/cni" } }],
                    tolerations: [{ operator: "Exists" }],
                },
            },
        },
    };
}

/** The same as a server keeps it: defaults filled in, empty values dropped, quantities rewritten. */
function live(): KubeObject {
    const object = daemonSet();
    const spec = (object["spec"] as { template: { spec: Record<string, never> } }).template.spec;
    const [container] = spec["containers"] as unknown as Record<string, unknown>[];
    delete container!["env"];
    container!["resources"] = { limits: { cpu: "1", memory: "1Gi" } };
    container!["ports"] = [{ containerPort: 7000, protocol: "TCP" }];
    container!["imagePullPolicy"] = "IfNotPresent";
    return {
        ...object,
        metadata: {
            ...object.metadata,
            namespace: "kube-system",
            uid: "1",
            creationTimestamp: "2026-01-01T00:00:00Z",
            annotations: { "meta.helm.sh/release-name": "multus" },
        },
        status: { numberReady: 1 },
    };
}

/** Sets the value at a path of keys and indices. */
function set(object: unknown, path: (string | number)[], value: unknown): void {
    const [key, ...rest] = path as [string, ...string[]];
    const holder = object as Record<string, unknown>;
    if (rest.length > 0) {
        set(holder[key], rest, value);
    } else if (value === undefined) {
        delete holder[key];
    } else {
        holder[key] = value;
    }
}

describe("comparing a release's object with the live one", () => {
    const container = ["spec", "template", "spec", "containers", 0];

    it("takes what the server makes of a manifest for the same", () => {
        assert.equal(firstDifference(daemonSet(), live()), undefined);
    });

    for (const [what, path, value, expected] of [
        [
            "another image",
            [...container, "image"],
            "x",
            "spec.template.spec.containers[multus].image",
        ],
        ["a missing label", ["metadata", "labels"], {}, "metadata.labels.app"],
        [
            "fewer arguments",
            [...container, "args"],
            ["--a"],
            "spec.template.spec.containers[multus].args",
        ],
        [
            "other arguments",
            [...container, "args"],
            ["--a", "--c"],
            "spec.template.spec.containers[multus].args[1]",
        ],
        [
            "another limit",
            [...container, "resources", "limits", "cpu"],
            "2",
            "spec.template.spec.containers[multus].resources.limits.cpu",
        ],
        [
            "a missing mount",
            [...container, "volumeMounts"],
            [],
            "spec.template.spec.containers[multus].volumeMounts[cni]",
        ],
        [
            "a missing volume",
            ["spec", "template", "spec", "volumes"],
            undefined,
            "spec.template.spec.volumes",
        ],
        [
            "a switch that was turned off",
            ["spec", "template", "spec", "hostNetwork"],
            undefined,
            "spec.template.spec.hostNetwork",
        ],
        [
            "an unkeyed list that grew",
            ["spec", "template", "spec", "tolerations"],
            [{ operator: "Exists" }, {}],
            "spec.template.spec.tolerations",
        ],
    ] as const) {
        it(`finds ${what}`, () => {
            const found = live();
            set(found, [...path], value);
            assert.equal(firstDifference(daemonSet(), found), expected);
        });
    }

    for (const [what, path, value] of [
        ["status", ["status"], { numberReady: 0 }],
        ["labels of others", ["metadata", "labels", "other"], "x"],
        ["annotations of others", ["metadata", "annotations", "other"], "x"],
        [
            "another order of named elements",
            [...container, "volumeMounts"],
            [
                { name: "more", mountPath: "/more" },
                { name: "cni", mountPath: "/host" },
            ],
        ],
    ] as const) {
        it(`does not mind ${what}`, () => {
            const found = live();
            set(found, [...path], value);
            assert.equal(firstDifference(daemonSet(), found), undefined);
        });
    }

    it("compares a secret's plain text with what is stored", () => {
        const secret = (fields: object) =>
            ({
                apiVersion: "v1",
                kind: "Secret",
                metadata: { name: "s" },
                ...fields,
            }) as KubeObject;
        const wanted = secret({ stringData: { key: "value" } });
        assert.equal(firstDifference(wanted, secret({ data: { key: "dmFsdWU=" } })), undefined);
        assert.equal(firstDifference(wanted, secret({ data: { key: "eA==" } })), "data.key");
    });

    it("ignores what a manifest leaves to the server", () => {
        const wanted = daemonSet();
        set(wanted, ["metadata", "creationTimestamp"], null);
        set(wanted, ["spec", "selector"], {});
        set(wanted, ["spec", "minReadySeconds"], 0);
        assert.equal(firstDifference(wanted, live()), undefined);
    });
});

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

describe("a Helm release", () => {
    const content = {
        name: "multus",
        namespace: "kube-system",
        version: 3,
        info: { status: "deployed" },
        config: { repair: "1" },
        manifest: "---\nkind: ConfigMap\n",
    };
    const base64 = (data: string | Buffer) => Buffer.from(data).toString("base64");
    const gzipped = base64(gzipSync(JSON.stringify(content)));
    const secret = (version = 3, status = "deployed", packed = gzipped) => ({
        metadata: {
            name: `sh.helm.release.v1.multus.v${version}`,
            namespace: "kube-system",
            labels: { owner: "helm", name: "multus", status, version: `${version}` },
        },
        data: { release: base64(packed) },
    });

    it("is read from its Secret", () => {
        assert.deepEqual(revisionOf(secret()), {
            secret: "sh.helm.release.v1.multus.v3",
            name: "multus",
            namespace: "kube-system",
            version: 3,
            status: "deployed",
            content,
        });
        const plain = secret(3, "deployed", base64(JSON.stringify(content)));
        assert.deepEqual(revisionOf(plain), revisionOf(secret()));
    });

    for (const [what, packed, why] of [
        ["text", base64("abc"), /^it is damaged$/],
        ["a release cut off", gzipped.slice(0, 40), /^it is damaged$/],
        ["nothing", "", /^it is damaged$/],
        ["a number", base64("1"), /holds no release/],
        ["null", base64("null"), /holds no release/],
    ] as const) {
        it(`whose Secret holds ${what} is none that can be read`, () => {
            const { content, unreadable, version } = revisionOf(secret(4, "deployed", packed));
            assert.equal(content, undefined);
            assert.match(unreadable ?? "", why);
            assert.equal(version, 4);
        });
    }

    it("whose Secret has no data at all is none that can be read", () => {
        const { metadata } = secret();
        assert.match(revisionOf({ metadata }).unreadable ?? "", /damaged/);
    });

    const standing = (...all: [version: number, status: string, packed?: string][]) => {
        const found = standingOf(all.map((one) => revisionOf(secret(...one))));
        return [found.deployed?.version, found.newest?.version, found.unusable];
    };

    it("stands as its newest deployed revision", () => {
        assert.deepEqual(standing([2, "deployed"], [1, "deployed"]), [2, 2, undefined]);
        assert.deepEqual(standing([1, "deployed"], [2, "failed"]), [1, 2, undefined]);
        assert.deepEqual(standing([1, "failed"]), [undefined, 1, undefined]);
        assert.deepEqual(standing(), [undefined, undefined, undefined]);
    });

    it("is blocked by an unfinished revision only while that is the newest", () => {
        const left = (revision: number, status: string) => `revision ${revision} left ${status}`;
        for (const status of ["pending-upgrade", "pending-rollback", "uninstalling", "unknown"]) {
            assert.deepEqual(standing([1, "deployed"], [2, status]), [1, 2, left(2, status)]);
        }
        assert.deepEqual(standing([1, "pending-install"]), [
            undefined,
            1,
            left(1, "pending-install"),
        ]);
        assert.deepEqual(standing([1, "pending-install"], [2, "deployed"]), [2, 2, undefined]);
        assert.deepEqual(standing([9, "deployed"], [10, "failed"]), [9, 10, undefined]);
    });

    it("is blocked by a newest revision that cannot be read", () => {
        const [deployed, newest, unusable] = standing([1, "deployed"], [2, "deployed", "x"]);
        assert.deepEqual([deployed, newest], [1, 2]);
        assert.match(
            String(unusable),
            /^revision 2 cannot be read \(Secret sh\.helm\.release\.v1\.multus\.v2\): it is damaged$/,
        );
        assert.deepEqual(standing([1, "deployed", "x"], [2, "deployed"]), [2, 2, undefined]);
    });

    it("has a manifest in YAML 1.1", () => {
        const manifest =
            "---\n# Source: x\n---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\nmode: 0644\n";
        assert.deepEqual(objectsOf(manifest), [
            { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "a" }, mode: 420 },
        ]);
    });

    it("has texts in its manifest that only YAML 1.1 takes for dates and times", () => {
        const manifest = "kind: ConfigMap\na: 2026-01-01\nb: 22:30\nc: 1e+06\nd: yes\n";
        assert.deepEqual(objectsOf(manifest), [
            { kind: "ConfigMap", a: "2026-01-01", b: "22:30", c: 1e6, d: true },
        ]);
    });

    it("has the elements of its lists, whatever they leave to the list's name", () => {
        const manifest =
            "apiVersion: rbac.authorization.k8s.io/v1\nkind: RoleList\n" +
            "items: [{metadata: {name: a}}, {kind: Other, metadata: {name: b}}]\n---\n" +
            "apiVersion: v1\nkind: AllowList\nitems: x\n";
        assert.deepEqual(
            objectsOf(manifest).map(({ apiVersion, kind }) => `${apiVersion} ${kind}`),
            [
                "rbac.authorization.k8s.io/v1 Role",
                "rbac.authorization.k8s.io/v1 Other",
                "v1 AllowList",
            ],
        );
    });
});
