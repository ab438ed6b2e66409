import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { ciliumNodes } from "../../provider/ciliumNodes.ts";
import type { CiliumNodesInputs } from "../../provider/ciliumNodes.ts";
import { UNKNOWN } from "../../provider/resource.ts";
import type { FakeApi } from "./fakes/api.ts";
import { withJumpingClock } from "./fakes/clock.ts";
import { FakeCluster } from "./fakes/cluster.ts";

const NODES = ["lab-control-plane", "lab-worker"] as const;
const RANGES = {
    "lab-control-plane": { range: "10.245.0.0/24", router: "10.245.0.77" },
    "lab-worker": { range: "10.245.1.0/24", router: "10.245.1.9" },
};

describe("the nodes of Cilium", function () {
    this.timeout(10_000);
    const resource = ciliumNodes({ settle: 400, pause: 20, look: 100 });
    let cluster: FakeCluster;
    let api: FakeApi;
    let inputs: CiliumNodesInputs;

    beforeEach(async () => {
        cluster = await FakeCluster.start();
        api = cluster.api;
        inputs = {
            ...cluster.access,
            nodeAddresses: { "lab-control-plane": "10.0.0.2", "lab-worker": "10.0.0.3" },
            nodes: [...NODES],
            namespace: "kube-system",
        };
        for (const node of NODES) {
            putNode(node);
            putAgent(node);
        }
    });
    afterEach(() => {
        cluster.stop();
    });

    function putNode(node: keyof typeof RANGES, given: object = RANGES[node]): void {
        const { range, router } = given as { range?: string; router?: string };
        api.put(`/apis/cilium.io/v2/ciliumnodes/${node}`, {
            apiVersion: "cilium.io/v2",
            kind: "CiliumNode",
            metadata: { name: node },
            spec: {
                ipam: range ? { podCIDRs: [range] } : {},
                addresses: [
                    { type: "InternalIP", ip: "172.18.0.2" },
                    { type: "CiliumInternalIP", ip: "fd00::1" },
                    ...(router ? [{ type: "CiliumInternalIP", ip: router }] : []),
                ],
            },
        });
    }

    function putAgent(node: string, ready = true, more: object = {}): void {
        api.put(`/api/v1/namespaces/kube-system/pods/cilium-${node}`, {
            apiVersion: "v1",
            kind: "Pod",
            metadata: { name: `cilium-${node}`, labels: { "k8s-app": "cilium" }, ...more },
            spec: { nodeName: node },
            status: { conditions: [{ type: "Ready", status: ready ? "True" : "False" }] },
        });
    }

    const forgetNode = (node: string) =>
        api.objects.delete(`/apis/cilium.io/v2/ciliumnodes/${node}`);

    const call: FakeCluster["call"] = (...args) => cluster.call(...args);
    const create = () => resource.create(inputs, call());
    const old = () => ({ id: "cilium-nodes", inputs, outputs: { ...inputs, ranges: RANGES } });
    const changes = async (now = inputs) => (await resource.diff(old(), now, call())).changes;

    it("are known by their ranges and routers when all are there", async () => {
        const { id, outputs } = await create();
        assert.equal(id, "cilium-nodes");
        assert.deepEqual(outputs, { ...inputs, ranges: RANGES });
        assert.deepEqual(cluster.logged, []);
        assert.ok(
            api.requests.includes(
                "GET /api/v1/namespaces/kube-system/pods?labelSelector=k8s-app%3Dcilium",
            ),
        );
    });

    it("are not known in a preview that makes them", async () => {
        const { outputs } = await resource.create(inputs, call(true));
        assert.equal(outputs.ranges, UNKNOWN as never);
        assert.deepEqual(api.requests, []);
    });

    it("are waited for, over one connection or two, saying once what is missing", async () => {
        api.objects.clear();
        const waiting = create();
        setTimeout(() => {
            for (const node of NODES) {
                putNode(node);
            }
            putAgent(NODES[0]);
        }, 100);
        setTimeout(() => {
            putAgent(NODES[1]);
        }, 200);
        assert.deepEqual((await waiting).outputs.ranges, RANGES);
        assert.deepEqual(cluster.logged, [
            "status: waiting for Cilium on 2 of 2 nodes: lab-control-plane has no agent that is ready, " +
                "lab-worker has no agent that is ready",
            "status: waiting for Cilium on 1 of 2 nodes: lab-worker has no agent that is ready",
        ]);
        assert.ok(api.connections <= 2);
    });

    for (const [what, arrange, expected] of [
        [
            "an agent",
            () => putAgent("lab-worker", false),
            /describe pods -l k8s-app=cilium .*spec\.nodeName=lab-worker$/,
        ],
        [
            "an agent that stays",
            () => putAgent("lab-worker", true, { deletionTimestamp: "2026-01-01T00:00:00Z" }),
            /no agent that is ready/,
        ],
        [
            "a CiliumNode",
            () => forgetNode("lab-worker"),
            /no CiliumNode: the node's agent writes it/,
        ],
        [
            "a range, whatever its agent says",
            () => {
                putNode("lab-worker", { router: "10.245.1.9" });
                putAgent("lab-worker", false);
            },
            /no range \(CiliumNode spec\.ipam\.podCIDRs\): Cilium's operator .* pool big enough\? .*logs deployment\/cilium-operator$/,
        ],
        [
            "an IPv4 router address",
            () => putNode("lab-worker", { range: "10.245.1.0/24" }),
            /no router address \(CiliumInternalIP of its CiliumNode\)/,
        ],
    ] as const) {
        it(`fail for the lack of ${what}, with node, lack and fix`, async () => {
            arrange();
            await assert.rejects(create(), (error: Error) => {
                const [first, second, ...more] = error.message.split("\n");
                assert.equal(first, "Cilium is not complete on 1 of 2 nodes after 0.4 s");
                assert.match(second ?? "", /^node lab-worker has no /);
                assert.match(second ?? "", expected);
                assert.deepEqual(more, []);
                return true;
            });
        });
    }

    it("are waited for by their own time, whatever the clock says", async () => {
        forgetNode(NODES[1]);
        await withJumpingClock(async () => {
            const waiting = create();
            setTimeout(() => {
                putNode(NODES[1]);
            }, 100);
            await waiting;
        });
    });

    it("are not waited for any more after a cancellation", async () => {
        api.objects.clear();
        const controller = new AbortController();
        const waiting = resource.create(inputs, call(false, controller.signal));
        setTimeout(() => {
            controller.abort(new Error("cancelled"));
        }, 50);
        await assert.rejects(waiting, /cancelled|aborted/);
    });

    it("do not change while all is as recorded", async () => {
        assert.deepEqual(await changes(), {});
        assert.deepEqual(cluster.logged, []);
        assert.equal(api.requests.length, 2);
    });

    it("change with what was asked for, without a look", async () => {
        assert.deepEqual(await changes({ ...inputs, nodes: [NODES[0]] }), { nodes: "update" });
        assert.deepEqual(await changes({ ...inputs, ca: UNKNOWN }), { ca: "update" });
        assert.deepEqual(api.requests, []);
        // An address may change without any other range.
        const moved = { ...inputs.nodeAddresses, "lab-worker": "10.0.0.9" };
        assert.deepEqual(await changes({ ...inputs, nodeAddresses: moved }), {});
    });

    it("name as drift what is missing or other than recorded", async () => {
        putNode(NODES[0], { range: "10.245.7.0/24", router: "10.245.7.1" });
        putAgent(NODES[1], false);
        assert.deepEqual(await changes(), {
            "node lab-control-plane: range 10.245.7.0/24 instead of 10.245.0.0/24": "update",
            "node lab-worker: no agent that is ready": "update",
        });
        assert.match(
            cluster.logged.join(),
            /^info: drift: node lab-control-plane: range .*; node lab-worker/,
        );
        putAgent(NODES[1]);
        putNode(NODES[0], { ...RANGES[NODES[0]], router: "10.245.0.78" });
        assert.deepEqual(await changes(), {
            "node lab-control-plane: router address 10.245.0.78 instead of 10.245.0.77": "update",
        });
        assert.equal(
            (await resource.update(old(), inputs, call())).ranges[NODES[0]]?.router,
            "10.245.0.78",
        );
    });

    it("are not compared while the API is silent, as in a refresh after their cluster is gone", async () => {
        const recorded = old();
        cluster.api.stop();
        const { changes } = await resource.diff(recorded, inputs, call());
        assert.deepEqual(changes, { "not compared": "update" });
        const { ranges } = await resource.update(recorded, inputs, call(true));
        assert.equal(ranges, UNKNOWN);
    });

    it("do not drift by an agent that is just starting", async () => {
        putAgent(NODES[1], false);
        setTimeout(() => {
            putAgent(NODES[1]);
        }, 10);
        assert.deepEqual(await changes(), {});
    });

    it("are known in the preview of an update, as far as they are there", async () => {
        const preview = async () => (await resource.update(old(), inputs, call(true))).ranges;
        assert.deepEqual(await preview(), RANGES);
        forgetNode(NODES[1]);
        assert.equal(await preview(), UNKNOWN as never);
    });

    for (const [what, now] of [
        ["must be started first", () => ({ ...inputs, nodeAddresses: UNKNOWN as never })],
        [
            "has lost its kubeconfig",
            () => {
                writeFileSync(inputs.kubeconfigPath, "x");
                return inputs;
            },
        ],
    ] as const) {
        it(`are not looked at while the cluster ${what}`, async () => {
            api.objects.clear();
            assert.deepEqual(await changes(now()), {});
            const { ranges } = await resource.update(old(), now(), call(true));
            assert.equal(ranges, UNKNOWN as never);
            assert.deepEqual(api.requests, []);
        });
    }

    it("cannot be waited for without the cluster's kubeconfig", async () => {
        writeFileSync(inputs.kubeconfigPath, "x");
        await assert.rejects(create(), /lab\.yaml is not the kubeconfig .* writes it again$/);
    });

    it("have to be named", async () => {
        const { failures } = await resource.check({ ...inputs, nodes: [] }, call());
        assert.match(failures[0]?.reason ?? "", /is empty/);
        assert.deepEqual((await resource.check(inputs, call())).failures, []);
    });

    it("survive a refresh, and are left alone when they go", async () => {
        assert.deepEqual(await resource.read(old(), call()), { inputs, outputs: old().outputs });
        await resource.delete(old(), call());
        assert.deepEqual(api.requests, []);
    });
});
