import assert from "node:assert/strict";
import { clusters, inTheWay, type Revision } from "../../../toolchain/recovery.ts";
import type { State, StateResource } from "../../../toolchain/stack.ts";

const urn = (type: string, name: string) => `urn:pulumi:dev::multinet::${type}::${name}`;

function cluster(name: string): StateResource[] {
    const provider = urn("pulumi:providers:kubernetes", name);
    return [
        {
            urn: urn("multinet:index:KindCluster", name),
            type: "multinet:index:KindCluster",
            outputs: { ca: `ca of ${name}`, kubeconfigPath: `/k/${name}` },
        },
        {
            urn: provider,
            id: "1",
            type: "pulumi:providers:kubernetes",
            inputs: { clusterIdentifier: `ca of ${name}` },
        },
    ];
}

function creating(cluster: string, name: string, namespace?: string) {
    const type = "kubernetes:helm.sh/v3:Release";
    const provider = `${urn("pulumi:providers:kubernetes", cluster)}::1`;
    return {
        type: "creating",
        resource: {
            urn: urn(type, name),
            type,
            provider,
            inputs: { name, ...(namespace && { namespace }) },
        },
    };
}

describe("recovery from a killed update", () => {
    it("knows which releases were being made in which cluster", () => {
        const state: State = {
            version: 3,
            deployment: {
                resources: [...cluster("edge1"), ...cluster("edge2")],
                pending_operations: [
                    creating("edge1", "multus", "kube-system"),
                    creating("edge2", "demo"),
                    { ...creating("edge1", "old"), type: "updating" },
                ],
            },
        };
        assert.deepEqual(clusters(state), [
            { kubeconfig: "/k/edge1", unrecorded: [{ name: "multus", namespace: "kube-system" }] },
            { kubeconfig: "/k/edge2", unrecorded: [{ name: "demo", namespace: "default" }] },
        ]);
    });

    it("leaves a cluster alone that was never finished, and an empty state", () => {
        const [unfinished] = cluster("edge1");
        const resources = [{ ...unfinished!, outputs: {} }];
        assert.deepEqual(clusters({ version: 3, deployment: { resources } }), []);
        assert.deepEqual(clusters({ version: 3, deployment: {} }), []);
    });

    it("takes away what blocks Helm, and nothing of releases that are whole", () => {
        const revision = (name: string, status: string, namespace = "default"): Revision => ({
            secret: `sh.helm.release.v1.${name}.v1`,
            name,
            namespace,
            status,
        });
        const all = [
            revision("whole", "deployed"),
            revision("upgraded", "pending-upgrade"),
            revision("unrecorded", "deployed"),
            revision("unrecorded", "deployed", "elsewhere"),
        ];
        const blocking = inTheWay(all, [{ name: "unrecorded", namespace: "default" }]);
        assert.deepEqual(blocking, [all[1], all[2]]);
    });
});
