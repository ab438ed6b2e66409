import assert from "node:assert/strict";
import { firstDifference } from "../../../provider/helm/compare.ts";
import type { KubeObject } from "../../../provider/helm/manifest.ts";

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
