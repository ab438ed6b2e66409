import assert from "node:assert/strict";
import { rmSync } from "node:fs";
import { rollout } from "../../provider/rollout.ts";
import type { RolloutInputs } from "../../provider/rollout.ts";
import type { FakeApi } from "./fakes/api.ts";
import { withJumpingClock } from "./fakes/clock.ts";
import { FakeCluster } from "./fakes/cluster.ts";

const DAEMON_SET = "/apis/apps/v1/namespaces/kube-system/daemonsets/agents";
const FINISHED = {
    observedGeneration: 2,
    desiredNumberScheduled: 2,
    updatedNumberScheduled: 2,
    numberReady: 2,
};

describe("a rollout", function () {
    this.timeout(10_000);
    const resource = rollout({ settle: 300, pause: 20 });
    let cluster: FakeCluster;
    let api: FakeApi;
    let inputs: RolloutInputs;

    beforeEach(async () => {
        cluster = await FakeCluster.start();
        api = cluster.api;
        inputs = {
            ...cluster.access,
            namespace: "kube-system",
            daemonSet: "agents",
            revision: 1,
        };
    });
    afterEach(() => {
        cluster.stop();
    });

    function put(status: object): void {
        api.put(DAEMON_SET, {
            metadata: { name: "agents", generation: 2 },
            spec: { selector: { matchLabels: { app: "agents", tier: "node" } } },
            status,
        });
    }

    function putPod(node: string, status: object): void {
        api.put(`/api/v1/namespaces/kube-system/pods/agents-${node}`, {
            metadata: { name: `agents-${node}` },
            spec: { nodeName: node },
            status,
        });
    }

    const call: FakeCluster["call"] = (...args) => cluster.call(...args);
    const create = (signal?: AbortSignal) => resource.create(inputs, call(false, signal));

    it("is over when every node runs the newest revision, ready", async () => {
        put(FINISHED);
        assert.deepEqual(await create(), { id: "kube-system/agents", outputs: inputs });
        assert.deepEqual(api.requests, [`GET ${DAEMON_SET}`]);
        assert.deepEqual(cluster.logged, []);
    });

    for (const [what, status, said] of [
        ["the cluster has not looked at it", {}, "0 of 0"],
        ["it is another generation's", { ...FINISHED, observedGeneration: 1 }, "0 of 0"],
        ["a node has an old pod", { ...FINISHED, updatedNumberScheduled: 1 }, "1 of 2"],
        ["a pod is not ready", { ...FINISHED, numberReady: 1 }, "1 of 2"],
        ["there is no node yet", { observedGeneration: 2 }, "0 of 0"],
    ] as const) {
        it(`is waited for while ${what}`, async () => {
            put(status);
            const waiting = create();
            setTimeout(() => {
                put(FINISHED);
            }, 100);
            await waiting;
            assert.ok(api.requests.length > 1);
            assert.deepEqual(cluster.logged, [`status: ready on ${said} nodes`]);
        });
    }

    it("is waited for by its own time, whatever the clock says", async () => {
        put({});
        await withJumpingClock(async () => {
            const waiting = create();
            setTimeout(() => {
                put(FINISHED);
            }, 100);
            await waiting;
        });
    });

    it("fails in the end with what each pod waits for", async () => {
        put({ ...FINISHED, numberReady: 1 });
        putPod("node1", { conditions: [{ type: "Ready", status: "True" }] });
        putPod("node2", {
            conditions: [{ type: "Ready", status: "False" }],
            containerStatuses: [
                { state: { waiting: { reason: "ImagePullBackOff", message: "no such image" } } },
            ],
        });
        await assert.rejects(create(), {
            message:
                "agents is ready on 1 of 2 nodes after 0.3 s\nnode2: ImagePullBackOff: no such image",
        });
        assert.ok(
            api.requests.includes(
                "GET /api/v1/namespaces/kube-system/pods?labelSelector=app%3Dagents%2Ctier%3Dnode",
            ),
        );
    });

    it("else with the last that Kubernetes warned of", async () => {
        put({ ...FINISHED, numberReady: 1 });
        putPod("node2", {});
        for (const [name, lastTimestamp, message] of [
            ["a", "2026-01-01T00:00:02Z", "the last one\n"],
            ["b", "2026-01-01T00:00:01Z", "the first one"],
        ] as const) {
            api.put(`/api/v1/namespaces/kube-system/events/${name}`, { lastTimestamp, message });
        }
        await assert.rejects(create(), /\nnode2: the last one$/);
    });

    it("fails when there is nothing to wait for", async () => {
        await assert.rejects(create(), /\nthere is no DaemonSet kube-system\/agents$/);
    });

    it("fails at once without the cluster's kubeconfig", async () => {
        rmSync(inputs.kubeconfigPath);
        await assert.rejects(create(), /is not the kubeconfig of this cluster/);
    });

    it("stops waiting when it is cancelled", async () => {
        put({});
        const abort = new AbortController();
        const waiting = create(abort.signal);
        setTimeout(() => {
            abort.abort();
        }, 50);
        await assert.rejects(waiting, { name: "AbortError" });
    });

    it("asks nobody in a preview", async () => {
        await resource.create(inputs, call(true));
        await resource.update({ id: "", inputs, outputs: inputs }, inputs, call(true));
        assert.deepEqual(api.requests, []);
    });

    it("is waited for again for another revision, and for another cluster", async () => {
        const old = { id: "kube-system/agents", inputs, outputs: inputs };
        const changes = async (now: Partial<RolloutInputs>) =>
            (await resource.diff(old, { ...inputs, ...now }, call())).changes;
        assert.deepEqual(await changes({}), {});
        assert.deepEqual(await changes({ revision: 2 }), { revision: "update" });
        assert.deepEqual(await changes({ ca: "another" }), { ca: "update" });
        put(FINISHED);
        assert.deepEqual(await resource.update(old, { ...inputs, revision: 2 }, call()), {
            ...inputs,
            revision: 2,
        });
    });
});
