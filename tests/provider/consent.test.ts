import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { REPLACEMENTS } from "../../provider/kind/consent.ts";
import type { KindInputs, KindOutputs } from "../../provider/kind/spec.ts";
import { KindClusterResource } from "../../provider/kindCluster.ts";
import type { Call, Recorded } from "../../provider/resource.ts";
import type { Container, Runtime } from "../../provider/runtime/runtime.ts";
import { RuntimeSilent } from "../../provider/runtime/silent.ts";

const NODE = "lab-dev-edge1-control-plane";

describe("consent to the replacement of a cluster", () => {
    let folder: string;
    let file: string;
    let running: Container[];
    const containers = () => Promise.resolve(running);
    const engine = () => Promise.resolve({ id: "ID", address: "unix:///engine" });
    const runtime = { name: "docker", containers, engine } as unknown as Runtime;
    const cluster = new KindClusterResource(() => runtime);
    const call: Call = {
        urn: "urn",
        preview: false,
        signal: new AbortController().signal,
        log: () => undefined,
    };

    beforeEach(() => {
        folder = mkdtempSync(join(tmpdir(), "multinet-consent-"));
        file = join(folder, "replacements");
        writeFileSync(join(folder, "kubeconfig"), "k", { mode: 0o600 });
        process.env[REPLACEMENTS] = file;
        const labels = { "io.x-k8s.kind.cluster": "lab-dev-edge1" };
        const networks = { "lab-dev": "10.9.0.2" };
        const state = "running";
        const container = { id: "1", name: NODE, state, labels, networks, memory: 2 ** 31 };
        running = [container as unknown as Container];
    });
    afterEach(() => {
        delete process.env[REPLACEMENTS];
        rmSync(folder, { recursive: true });
    });

    const inputs = (): KindInputs => ({
        name: "lab-dev-edge1",
        config: '{"kind":"Cluster"}',
        nodes: [NODE],
        network: "lab-dev",
        image: "node:1",
        memory: "2GiB",
        kubeconfigPath: join(folder, "kubeconfig"),
        owner: { project: "lab", stack: "dev" },
        runtime: "docker",
    });
    function recorded(): Recorded<KindInputs, KindOutputs> {
        const nodeAddresses = { [NODE]: "10.9.0.2" };
        const outputs = { ...inputs(), ca: "ca", kubeconfig: "k", endpoint: "e", nodeAddresses };
        return { id: "lab-dev-edge1", inputs: inputs(), outputs };
    }
    const diff = (changes: Partial<KindInputs>, old = recorded()) =>
        cluster.diff(old, { ...inputs(), ...changes }, call);
    const asked = () =>
        readFileSync(file, "utf8")
            .trimEnd()
            .split("\n")
            .map((line) => JSON.parse(line) as unknown);

    it("is needed for one that runs or is stopped; the question says which and why", async () => {
        for (const state of ["running", "stopped"] as const) {
            running[0]!.state = state;
            await assert.rejects(
                diff({ image: "node:2", network: "lab-two" }),
                /cluster lab-dev-edge1 would be replaced, .* because of: network, image\. It is left as it is/,
            );
        }
        const question = { cluster: "lab-dev-edge1", reasons: ["network", "image"] };
        assert.deepEqual(asked(), [question, question]);
    });

    it("is not needed for what keeps the cluster", async () => {
        assert.deepEqual((await diff({ memory: "3GiB" })).changes, { memory: "update" });
        assert.throws(asked);
    });

    it("is not needed for one that is gone, was never completed, or is someone else's", async () => {
        running[0]!.networks = { kind: "" };
        assert.equal((await diff({ image: "node:2" })).changes["image"], "update-replace");
        running[0]!.networks = { "lab-dev": "10.9.0.2" };
        const unfinished = recorded();
        delete (unfinished.outputs as Partial<KindOutputs>).ca;
        const { changes } = await diff({ image: "node:2" }, unfinished);
        assert.equal(changes["image"], "update-replace");
        running = [];
        assert.equal((await diff({ image: "node:2" })).changes["image"], "update-replace");
        const [key = ""] = Object.keys((await diff({})).changes);
        assert.match(key, /deleted outside Pulumi/);
        assert.throws(asked);
    });

    it("is not asked for by plain pulumi, which shows a preview", async () => {
        delete process.env[REPLACEMENTS];
        assert.equal((await diff({ image: "node:2" })).changes["image"], "update-replace");
    });

    it("is not taken as given when the engine does not answer", async () => {
        const silent = new KindClusterResource(
            () =>
                ({
                    containers: () => Promise.reject(new RuntimeSilent("silent")),
                }) as unknown as Runtime,
        );
        const changed = silent.diff(recorded(), { ...inputs(), image: "node:2" }, call);
        await assert.rejects(changed, /silent/);
    });
});
