import assert from "node:assert/strict";
import { recover } from "../../../cli/state/recovery.ts";
import { interruptedClusters, unrecorded, withRecord } from "../../../cli/state/interrupted.ts";
import type { Stack, State, StateResource } from "../../../cli/state/stack.ts";

const CLUSTER = "multinet:index:KindCluster";
const RELEASE = "kubernetes:helm.sh/v3:Release";
const NETWORK = "docker:index/network:Network";

const urn = (type: string, name: string) => `urn:pulumi:dev::multinet::${type}::${name}`;

function cluster(name: string): StateResource[] {
    const inputs = { name, nodes: [`${name}-control-plane`], runtime: "docker" };
    return [
        {
            urn: urn(CLUSTER, name),
            type: CLUSTER,
            inputs,
            outputs: { ...inputs, ca: `ca of ${name}`, network: "lab-dev" },
        },
        {
            urn: urn("pulumi:providers:kubernetes", name),
            id: "1",
            type: "pulumi:providers:kubernetes",
            inputs: { clusterIdentifier: `ca of ${name}` },
        },
    ];
}

function release(cluster: string, name: string, namespace?: string): StateResource {
    const provider = `${urn("pulumi:providers:kubernetes", cluster)}::1`;
    const inputs = { name, ...(namespace && { namespace }) };
    return { urn: urn(RELEASE, `${cluster}-${name}`), type: RELEASE, provider, inputs };
}

const state = (
    resources: StateResource[],
    pending_operations: { type: string; resource: StateResource }[] = [],
): State => ({ version: 3, deployment: { resources, pending_operations } });

describe("what an interrupted update was working on", () => {
    it("is known from the state: releases by cluster, namespace and name", () => {
        const interrupted = state(
            [...cluster("edge1"), ...cluster("edge2"), release("edge1", "whole")],
            [
                { type: "creating", resource: release("edge1", "multus", "kube-system") },
                { type: "creating", resource: release("edge1", "demo") },
                { type: "updating", resource: release("edge2", "old") },
            ],
        );
        assert.deepEqual(interruptedClusters(interrupted), [
            {
                name: "edge1",
                controlPlane: "edge1-control-plane",
                runtime: "docker",
                network: "lab-dev",
                ca: "ca of edge1",
                releases: [
                    { namespace: "kube-system", name: "multus" },
                    { namespace: "default", name: "demo" },
                ],
            },
        ]);
    });

    it("is what an inventory declares and the state does not record, as in a state that was put back", () => {
        const releases = ["whole", "lost"].map((name) => ({ namespace: "default", name }));
        const inventory = {
            urn: urn("multinet:index:ReleaseInventory", "edge1"),
            type: "multinet:index:ReleaseInventory",
            inputs: { ca: "ca of edge1", releases },
        };
        const resources = [...cluster("edge1"), ...cluster("edge2"), inventory];
        const restored = state([...resources, release("edge1", "whole"), release("edge2", "lost")]);
        const [found, ...others] = interruptedClusters(restored);
        assert.deepEqual(found?.releases, [{ namespace: "default", name: "lost" }]);
        assert.deepEqual(others, []);
    });

    it("is nothing in a cluster that was never finished, nor in an empty state", () => {
        const [unfinished, provider] = cluster("edge1");
        const resources = [{ ...unfinished!, outputs: {} }, provider!];
        const pending = [{ type: "creating", resource: release("edge1", "multus") }];
        assert.deepEqual(interruptedClusters(state(resources, pending)), []);
        assert.deepEqual(interruptedClusters({ version: 3, deployment: {} }), []);
    });

    it("may be recorded under its id, in place of what it was to replace", () => {
        const [old, provider] = cluster("edge1");
        const made = { urn: old!.urn, type: CLUSTER, inputs: { name: "edge1" } };
        const network = { urn: urn(NETWORK, "n"), type: NETWORK, inputs: { name: "n" } };
        const pending = [
            { type: "creating", resource: made },
            { type: "creating", resource: network },
            { type: "deleting", resource: { ...network, urn: urn(NETWORK, "other") } },
        ];
        assert.deepEqual(unrecorded(state([old!], pending), "cluster"), []);
        const replaced = { ...old!, pendingReplacement: true };
        const before = state([replaced, provider!], pending);
        assert.deepEqual(unrecorded(before, "cluster"), [made]);
        assert.deepEqual(unrecorded(before, "network"), [network]);
        const { resources } = withRecord(before, made, "edge1").deployment;
        const record = { ...made, id: "edge1", outputs: { name: "edge1" } };
        assert.deepEqual(resources, [record, provider]);
        const added = withRecord(before, network, "n1").deployment.resources;
        assert.deepEqual(added?.at(-1), { ...network, id: "n1", outputs: { name: "n" } });
    });
});

describe("recovery in a backend whose locks cannot be seen", () => {
    const network = { urn: urn(NETWORK, "n"), type: NETWORK, inputs: { name: "n", labels: [] } };
    const interrupted = () => state([], [{ type: "creating", resource: network }]);

    it("takes Pulumi's own lock first, and touches nothing beside a running update", async () => {
        const said: string[] = [];
        const stack = {
            name: "dev",
            env: {},
            place: undefined,
            state: () => Promise.resolve(interrupted()),
            replaceState: () => Promise.reject(new Error("the stack is currently locked")),
        } as unknown as Stack;
        const recovering = recover(stack, (line) => said.push(line), true);
        await assert.rejects(recovering, /currently locked/);
        assert.deepEqual(said, []);
    });
});
