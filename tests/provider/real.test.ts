import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { once } from "node:events";
import {
    existsSync,
    mkdtempSync,
    readdirSync,
    readFileSync,
    rmSync,
    statSync,
    symlinkSync,
} from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { gzipSync } from "node:zlib";
import { stringify } from "yaml";
import { resolveImages } from "../../plan/images.ts";
import type { KindInputs, KindOutputs } from "../../provider/kind/spec.ts";
import { LABELS } from "../../plan/labels.ts";
import { specHash } from "../../provider/kind/spec.ts";
import { KindClusterResource } from "../../provider/kindCluster.ts";
import { releaseInventory } from "../../provider/releaseInventory.ts";
import type { Call, Recorded } from "../../provider/resource.ts";

const NAME = `multinet-test-${process.pid}`;
const SUBNET = "10.255.248.0/24";
const [CONTROL_PLANE, WORKER] = [`${NAME}-control-plane`, `${NAME}-worker`];

/** With real containers, in the order of a cluster's life. With MULTINET_REAL=1 only. */
describe("a kind cluster, with a real engine", function () {
    this.timeout(10 * 60_000);
    const cluster = new KindClusterResource();
    let folder: string;
    let plugins: string;
    let volumes: string[];
    let logged: string[] = [];
    let state: Recorded<KindInputs, KindOutputs>;

    before(function () {
        if (process.env["MULTINET_REAL"] !== "1") {
            this.skip();
        }
        folder = mkdtempSync(join(tmpdir(), "multinet-real-"));
        plugins = mkdtempSync(join(tmpdir(), "multinet-plugins-"));
        symlinkSync(import.meta.dirname, join(plugins, "link"));
        volumes = docker("volume", "ls", "--quiet");
        docker("network", "create", "--subnet", SUBNET, NAME);
    });
    beforeEach(() => {
        logged = [];
    });
    after(() => {
        if (process.env["MULTINET_REAL"] === "1") {
            const left = docker("ps", "--all", "--quiet", "--filter", `network=${NAME}`);
            if (left.length > 0) {
                docker("rm", "--force", "--volumes", ...left);
            }
            docker("network", "rm", NAME);
            rmSync(folder, { recursive: true });
            rmSync(plugins, { recursive: true });
        }
    });

    function docker(...args: string[]): string[] {
        const said = execFileSync("docker", args, { encoding: "utf8", stdio: "pipe" });
        return said.split("\n").filter((line) => line !== "");
    }
    function kubectl(args: string[], input = ""): string {
        const target = ["--kubeconfig", state.inputs.kubeconfigPath];
        return execFileSync("kubectl", [...target, ...args], { encoding: "utf8", input });
    }
    /** Whether a node sees the folder with CNI plugins, and cannot write there. */
    function seesPlugins(node: string): void {
        const path = "/opt/multinet/cni-plugins";
        assert.ok(docker("exec", node, "ls", path).includes(basename(import.meta.filename)));
        assert.throws(() => docker("exec", node, "touch", `${path}/mine`), /Read-only/);
    }
    const id = (container: string) => docker("inspect", "--format", "{{.Id}}", container)[0];
    const call = (options: Partial<Call> = {}): Call => ({
        urn: "urn",
        preview: false,
        signal: new AbortController().signal,
        log: (_severity, message) => {
            logged.push(message);
        },
        ...options,
    });

    function inputsOf(workers: number): KindInputs {
        const local = process.env["MULTINET_IMAGES"];
        const images = local ? (JSON.parse(readFileSync(local, "utf8")) as object) : {};
        const roles = ["control-plane", ...Array<string>(workers).fill("worker")];
        return {
            name: NAME,
            config: stringify({
                kind: "Cluster",
                apiVersion: "kind.x-k8s.io/v1alpha4",
                networking: { podSubnet: "10.126.0.0/16", serviceSubnet: "10.190.0.0/16" },
                nodes: roles.map((role) => ({ role })),
            }),
            nodes: [CONTROL_PLANE, WORKER].slice(0, roles.length),
            network: NAME,
            image: resolveImages({}, images).node,
            memory: "4GiB",
            kubeconfigPath: join(folder, "kubeconfigs", "test.yaml"),
            owner: { project: "multinet", stack: "test" },
            runtime: "docker",
            cniPlugins: join(plugins, "link"),
        };
    }
    async function create(inputs: KindInputs): Promise<void> {
        const { id, outputs } = await cluster.create(inputs, call());
        state = { id, inputs, outputs };
    }
    async function update(inputs: KindInputs): Promise<void> {
        const outputs = await cluster.update(state, inputs, call());
        state = { ...state, inputs, outputs };
    }
    const changes = async (inputs = state.inputs) =>
        (await cluster.diff(state, inputs, call())).changes;

    interface KubeNode {
        metadata: { name: string; labels: Record<string, string> };
        status: { conditions: { type: string; status: string }[] };
    }
    function nodes(): KubeNode[] {
        const { items } = JSON.parse(kubectl(["get", "nodes", "--output=json"])) as {
            items: KubeNode[];
        };
        return items;
    }
    async function ready(name: string): Promise<void> {
        const isReady = ({ metadata, status }: KubeNode) =>
            metadata.name === name &&
            status.conditions.some(({ type, status }) => type === "Ready" && status === "True");
        while (!nodes().some(isReady)) {
            await setTimeout(500);
        }
    }

    it("refuses a name that a foreign container has", async () => {
        const inputs = inputsOf(0);
        docker("create", "--name", CONTROL_PLANE, "--network", "bridge", inputs.image);
        try {
            await assert.rejects(create(inputs), /belongs to someone else/);
        } finally {
            docker("rm", "--volumes", CONTROL_PLANE);
        }
    });

    it("leaves nothing when it is cancelled in the middle", async () => {
        const controller = new AbortController();
        const creating = cluster.create(inputsOf(0), call({ signal: controller.signal }));
        while (docker("ps", "--quiet", "--filter", `name=${CONTROL_PLANE}`).length === 0) {
            await setTimeout(50);
        }
        controller.abort(new Error("cancelled"));
        await assert.rejects(creating, /cancelled/);
        assert.deepEqual(docker("ps", "--all", "--quiet", "--filter", `name=${NAME}`), []);
        assert.deepEqual(docker("volume", "ls", "--quiet"), volumes);
    });

    it("is made, labelled, limited, and reachable through its kubeconfig", async () => {
        await create(inputsOf(0));
        const { outputs, inputs } = state;
        assert.match(outputs.ca, /^[0-9a-f]{64}$/);
        assert.match(outputs.nodeAddresses[CONTROL_PLANE] ?? "", /^10\.255\.248\.\d+$/);
        assert.equal(statSync(inputs.kubeconfigPath).mode & 0o777, 0o600);
        assert.deepEqual(docker("inspect", "--format", "{{.HostConfig.Memory}}", CONTROL_PLANE), [
            String(2 ** 32),
        ]);
        const [node] = nodes();
        assert.equal(node?.metadata.labels[LABELS.spec], specHash(inputs));
        assert.equal(node.metadata.labels[LABELS.stack], "test");
        seesPlugins(CONTROL_PLANE);
    });

    it("is left alone by a diff, which costs little", async () => {
        await changes();
        const start = performance.now();
        assert.deepEqual(await changes(), {});
        const took = performance.now() - start;
        assert.ok(took < 1000, `a diff without changes took ${took} ms`);
        assert.deepEqual(logged, []);
    });

    it("is adopted by another create", async () => {
        const before = { container: id(CONTROL_PLANE), outputs: state.outputs };
        rmSync(state.inputs.kubeconfigPath);
        await create(inputsOf(0));
        assert.deepEqual({ container: id(CONTROL_PLANE), outputs: state.outputs }, before);
        assert.ok(existsSync(state.inputs.kubeconfigPath));
    });

    it("gets a worker without a new control plane", async () => {
        const before = id(CONTROL_PLANE);
        const inputs = inputsOf(1);
        assert.deepEqual(await changes(inputs), { nodes: "update" });
        await update(inputs);
        assert.equal(id(CONTROL_PLANE), before);
        await ready(WORKER);
        const worker = nodes().find(({ metadata }) => metadata.name === WORKER);
        assert.equal(worker?.metadata.labels[LABELS.spec], specHash(inputs));
        seesPlugins(WORKER);
        assert.deepEqual(await changes(), {});
    });

    it("starts a worker that was stopped, and makes one that was removed", async () => {
        docker("stop", "--time", "1", WORKER);
        assert.deepEqual(await changes(), {
            [`container ${WORKER} (stopped outside Pulumi)`]: "update",
        });
        await update(state.inputs);
        assert.deepEqual(await changes(), {});
        docker("rm", "--force", "--volumes", WORKER);
        assert.deepEqual(await changes(), {
            [`container ${WORKER} (deleted outside Pulumi)`]: "update",
        });
        await update(state.inputs);
        await ready(WORKER);
        assert.deepEqual(await changes(), {});
    });

    it("takes a node back that lost its network", async () => {
        docker("network", "disconnect", NAME, WORKER);
        assert.deepEqual(await changes(), {
            [`container ${WORKER} (disconnected from network ${NAME} outside Pulumi)`]: "update",
        });
        await update(state.inputs);
        await ready(WORKER);
        assert.deepEqual(await changes(), {});
    });

    it("is adopted when its worker is gone, and just that is recreated", async () => {
        const before = id(CONTROL_PLANE);
        docker("rm", "--force", "--volumes", WORKER);
        await create(inputsOf(1));
        assert.equal(id(CONTROL_PLANE), before);
        await ready(WORKER);
    });

    it("names the port that was taken while it was stopped", async () => {
        const [port = ""] = docker("port", CONTROL_PLANE, "6443");
        docker("stop", "--time", "1", CONTROL_PLANE);
        const other = createServer().listen(Number(port.split(":").at(-1)), "127.0.0.1");
        await once(other, "listening");
        try {
            await assert.rejects(
                update(state.inputs),
                /its port \d+ of this machine, .* is used by/,
            );
        } finally {
            other.close();
        }
        await update(state.inputs);
        assert.deepEqual(await changes(), {});
    });

    it("answers again after its control plane was stopped", async () => {
        docker("stop", "--time", "1", CONTROL_PLANE);
        const preview = await cluster.update(state, state.inputs, call({ preview: true }));
        assert.equal(typeof preview.nodeAddresses, "string");
        await update(state.inputs);
        assert.equal(nodes().length, 2);
    });

    it("has its releases compared with what is there", async () => {
        const inventory = releaseInventory();
        const { kubeconfigPath } = state.inputs;
        const { ca, nodeAddresses } = state.outputs;
        const releases = [{ namespace: "default", name: "lab" }];
        const inputs = { kubeconfigPath, ca, nodeAddresses, releases };
        const created = await inventory.create(inputs, call());
        const old = { ...created, inputs };
        kubectl(["apply", "--filename=-"], MANIFEST);
        kubectl(["apply", "--filename=-"], JSON.stringify(releaseSecret()));
        assert.deepEqual((await inventory.diff(old, inputs, call())).changes, {});
        kubectl(["delete", "daemonset/agent"]);
        kubectl(["patch", "configmap/settings", "--patch", '{"data":{"mode":"other"}}']);
        assert.deepEqual((await inventory.diff(old, inputs, call())).changes, {
            "DaemonSet default/agent: missing": "update",
            "ConfigMap default/settings: data.mode differs": "update",
        });
        const outputs = await inventory.update(old, inputs, call());
        assert.deepEqual(outputs.repairs, { lab: "1" });
    });

    it("loses a worker in place", async () => {
        await update(inputsOf(0));
        assert.deepEqual(
            nodes().map(({ metadata }) => metadata.name),
            [CONTROL_PLANE],
        );
        assert.deepEqual(docker("ps", "--all", "--quiet", "--filter", `name=${WORKER}`), []);
    });

    it("is seen to be gone, and only then", async () => {
        assert.ok(await cluster.read(state, call()));
        const host = process.env["DOCKER_HOST"];
        process.env["DOCKER_HOST"] = "unix:///nowhere/docker.sock";
        try {
            await assert.rejects(changes(), /docker does not answer/);
            await assert.rejects(cluster.read(state, call()), /docker does not answer/);
        } finally {
            if (host === undefined) {
                delete process.env["DOCKER_HOST"];
            } else {
                process.env["DOCKER_HOST"] = host;
            }
        }
        docker("rm", "--force", "--volumes", CONTROL_PLANE);
        assert.deepEqual((await cluster.read(state, call()))?.outputs.nodeAddresses, {});
        assert.deepEqual(await changes(), {
            [`container ${CONTROL_PLANE} (deleted outside Pulumi)`]: "delete-replace",
        });
    });

    it("is deleted whether or not it is there, and leaves nothing", async () => {
        await create(inputsOf(0));
        await cluster.delete(state, call());
        await cluster.delete(state, call());
        assert.deepEqual(docker("ps", "--all", "--quiet", "--filter", `name=${NAME}`), []);
        assert.deepEqual(docker("volume", "ls", "--quiet"), volumes);
        assert.deepEqual(readdirSync(folder), []);
    });
});

/** What a server fills in, drops or rewrites: a release of it has to compare as equal all the same. */
const MANIFEST = `
apiVersion: apps/v1
kind: DaemonSet
metadata: {name: agent, labels: {app: agent}}
spec:
  selector: {matchLabels: {app: agent}}
  updateStrategy: {type: RollingUpdate, rollingUpdate: {maxUnavailable: 100%}}
  template:
    metadata: {labels: {app: agent}, annotations: {}}
    spec:
      hostNetwork: false
      nodeSelector: {nobody/has: this}
      tolerations: [{operator: Exists}]
      containers:
        - name: agent
          image: example.invalid/agent:1
          args: []
          env: [{name: A, value: ""}, {name: B, value: b}]
          ports: [{name: tcp, containerPort: 7000}, {name: udp, containerPort: 7000, protocol: UDP}]
          resources: {requests: {cpu: 0.1, memory: 1024Mi}, limits: {cpu: 1000m, memory: 2048Mi}}
          volumeMounts: [{name: settings, mountPath: /etc/agent, readOnly: false}]
      volumes: [{name: settings, configMap: {name: settings, defaultMode: 0644}}]
---
apiVersion: v1
kind: ConfigMap
metadata: {name: settings, creationTimestamp: null}
data: {mode: "on", text: "a: b\\n"}
---
apiVersion: v1
kind: Secret
metadata: {name: token}
stringData: {token: hush}
---
apiVersion: v1
kind: Service
metadata: {name: agent}
spec: {clusterIP: None, selector: {app: agent}, ports: [{port: 80, targetPort: tcp}]}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: multinet-test-agent}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: view}
subjects: [{kind: ServiceAccount, name: default, namespace: default}]
---
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: things.test.multinet.dev}
spec:
  group: test.multinet.dev
  scope: Namespaced
  names: {plural: things, singular: thing, kind: Thing}
  versions:
    - name: v1
      served: true
      storage: true
      schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}}
`;

function releaseSecret() {
    const release = { name: "lab", version: 1, config: { repair: "0" }, manifest: MANIFEST };
    return {
        apiVersion: "v1",
        kind: "Secret",
        type: "helm.sh/release.v1",
        metadata: {
            name: "sh.helm.release.v1.lab.v1",
            namespace: "default",
            labels: { owner: "helm", name: "lab", status: "deployed", version: "1" },
        },
        stringData: { release: gzipSync(JSON.stringify(release)).toString("base64") },
    };
}
