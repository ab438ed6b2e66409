import assert from "node:assert/strict";
import { ApiRefusal, KubeApi } from "../../provider/kube/api.ts";
import { readKubeconfig } from "../../provider/kube/kubeconfig.ts";
import { FakeApi } from "./fakes/api.ts";
import { withJumpingClock } from "./fakes/clock.ts";
import { kubeconfig } from "./fakes/kubeconfig.ts";

const SETTINGS = "/api/v1/namespaces/default/configmaps/settings";
const OTHER = "/api/v1/namespaces/default/configmaps/other";

describe("a cluster's API", function () {
    this.timeout(10_000);
    let server: FakeApi;
    let api: KubeApi;

    beforeEach(async () => {
        server = new FakeApi();
        await server.start();
        server.put(SETTINGS, { data: { a: "b", c: "d" } });
        api = open();
    });
    afterEach(() => {
        server.stop();
    });

    function open(timeout = 5_000): KubeApi {
        const { signal } = new AbortController();
        return new KubeApi(readKubeconfig(server.kubeconfig), { signal, timeout });
    }

    it("is not asked whether it is ready before it refuses something", async () => {
        assert.deepEqual(await api.get(SETTINGS), { data: { a: "b", c: "d" } });
        assert.deepEqual(server.requests, [`GET ${SETTINGS}`]);
    });

    it("is believed that something is gone only when it is ready, and is asked that once", async () => {
        server.starting = 1;
        const found = await Promise.all([api.get(SETTINGS), api.get(OTHER), api.get(OTHER)]);
        assert.deepEqual(found, [{ data: { a: "b", c: "d" } }, undefined, undefined]);
        const asked = () => server.requests.filter((request) => request === "GET /readyz").length;
        assert.equal(asked(), 2);
        assert.equal(await api.get(OTHER), undefined);
        assert.equal(asked(), 2);
    });

    it("changes just what a patch mentions, and takes no patch for what is gone", async () => {
        await api.patch(SETTINGS, { data: { a: "x", e: "f" } });
        assert.deepEqual(server.objects.get(SETTINGS), { data: { a: "x", c: "d", e: "f" } });
        await api.patch(OTHER, { data: {} });
        server.refusal = "no";
        await assert.rejects(api.patch(SETTINGS, {}), (error: Error) => {
            assert.ok(error instanceof ApiRefusal);
            assert.equal(error.status, 422);
            assert.match(error.message, /^PATCH \/api\/v1\/.*: no \(422\)$/);
            return true;
        });
    });

    it("is given up when it stays busy, with what it said", async () => {
        server.busy = 1000;
        const impatient = open(100);
        await assert.rejects(
            impatient.get(SETTINGS),
            new RegExp(
                "^Error: The Kubernetes API of cluster lab \\(http://\\S+\\) has not answered for 0.1 s: " +
                    "GET \\S+: busy \\(503\\)\nFix: .*container lab-control-plane.* remove the container: .*`pulumi up`",
            ),
        );
    });

    it("is waited for by its own time, whatever the clock says", async () => {
        server.busy = 2;
        await withJumpingClock(async () => {
            assert.ok(await open(60_000).get(SETTINGS));
        });
    });

    it("keeps a login in its address to itself", async () => {
        const kubeconfig = readKubeconfig(server.kubeconfig);
        const endpoint = "http://joe:topsecret@127.0.0.1:1";
        const { signal } = new AbortController();
        const api = new KubeApi({ ...kubeconfig, endpoint }, { signal, timeout: 0 });
        await assert.rejects(api.get(SETTINGS), (error: Error) => {
            assert.match(error.message, /http:\/\/127\.0\.0\.1:1\)/);
            assert.doesNotMatch(error.message, /topsecret|joe/);
            return true;
        });
    });

    it("makes objects, and says why it refuses one", async () => {
        const collection = "/api/v1/namespaces/default/configmaps";
        await api.post(collection, { kind: "ConfigMap", metadata: { name: "new" } });
        assert.ok(server.objects.has(`${collection}/new`));
        const again = api.post(collection, { kind: "ConfigMap", metadata: { name: "new" } });
        await assert.rejects(again, /^Error: POST \S+: "new" already exists \(409\)$/);
    });

    it("is not asked by someone who has left", async () => {
        const signal = AbortSignal.abort(new Error("cancelled"));
        const left = new KubeApi(readKubeconfig(server.kubeconfig), { signal, timeout: 5_000 });
        await assert.rejects(left.get(SETTINGS), /cancelled/);
        assert.deepEqual(server.requests, []);
    });

    it("asks again, until its timeout, for each request of its own", async () => {
        const patient = open(700);
        for (let i = 0; i < 3; i++) {
            server.busy = 1;
            assert.ok(await patient.get(SETTINGS));
        }
    });

    it("is asked over one connection, whoever asks", async () => {
        for (let i = 0; i < 3; i++) {
            await open().get(SETTINGS);
        }
        assert.equal(server.connections, 1);
    });

    it("survives that a connection was cut meanwhile", async () => {
        await api.get(SETTINGS);
        server.cut();
        assert.ok(await open().get(SETTINGS));
    });

    it("runs nothing for someone who has left", async () => {
        server.answers = { pod: {} };
        const signal = AbortSignal.abort(new Error("cancelled"));
        await assert.rejects(api.exec("default", "pod", ["x"], { input: "", signal }), /cancelled/);
        assert.equal(server.connections, 0);
    });
});

describe("a kubeconfig", () => {
    it("tells where the API is, which cluster that is, and how to log in", () => {
        const found = readKubeconfig(kubeconfig("one"));
        assert.equal(found.cluster, "lab");
        assert.equal(found.endpoint, "https://127.0.0.1:6443");
        assert.match(found.ca, /^[0-9a-f]{64}$/);
        assert.deepEqual(found.tls, { ca: Buffer.from("one"), key: Buffer.from("secret") });
        assert.equal(readKubeconfig(kubeconfig("one")), found);
        assert.notEqual(readKubeconfig(kubeconfig("two")).ca, found.ca);
    });

    it("is not quoted when it cannot be read", () => {
        assert.throws(
            () => readKubeconfig("users: [{ client-key-data: T0ken"),
            (error: Error) => {
                assert.match(error.message, /kubeconfig .* is not YAML$/);
                return true;
            },
        );
        assert.throws(() => readKubeconfig(""), /names no cluster/);
    });

    it("has to name a cluster", () => {
        assert.throws(() => readKubeconfig("clusters: []"), /names no cluster/);
    });
});
