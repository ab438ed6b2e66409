import assert from "node:assert/strict";
import {
    chmodSync,
    existsSync,
    mkdirSync,
    mkdtempSync,
    readdirSync,
    readFileSync,
    rmSync,
    statSync,
    writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { setTimeout } from "node:timers/promises";
import fc from "fast-check";
import { parse } from "yaml";
import { apiNodes } from "../../provider/kind/api.ts";
import { labelledConfig, specHash } from "../../provider/kind/spec.ts";
import type { KindInputs, KindOutputs } from "../../provider/kind/spec.ts";
import { KindClusterResource } from "../../provider/kindCluster.ts";
import { PartialFailure, UNKNOWN } from "../../provider/resource.ts";
import type { Call, Recorded } from "../../provider/resource.ts";
import { RuntimeSilent } from "../../provider/runtime/silent.ts";
import { FakeWorld, kubeconfig } from "./fakes/world.ts";

const BIN = join(import.meta.dirname, "fakes/bin");

describe("a kind cluster", function () {
    this.timeout(20_000);
    const { PATH, KUBECONFIG } = process.env;
    const nodeFolder = join(process.execPath, "..");
    let folder: string;
    let world: FakeWorld;
    let inputs: KindInputs;
    let logged: string[];
    const cluster = new KindClusterResource(() => world);

    before(() => {
        process.env["PATH"] = [BIN, nodeFolder, PATH].join(delimiter);
        process.env["KUBECONFIG"] = "/nobody/uses/this";
        process.env["PULUMI_CONFIG_PASSPHRASE"] = "canary";
    });
    after(() => {
        process.env["PATH"] = PATH;
        process.env["KUBECONFIG"] = KUBECONFIG;
        delete process.env["PULUMI_CONFIG_PASSPHRASE"];
    });

    beforeEach(() => {
        folder = mkdtempSync(join(tmpdir(), "multinet-kind-test-"));
        world = new FakeWorld(join(folder, "world"));
        logged = [];
        inputs = inputsOf("lab-dev-edge1", 0);
    });
    afterEach(() => {
        rmSync(folder, { recursive: true });
    });

    function inputsOf(name: string, workers: number): KindInputs {
        const roles = ["control-plane", ...Array<string>(workers).fill("worker")];
        return {
            name,
            config: JSON.stringify({
                kind: "Cluster",
                apiVersion: "kind.x-k8s.io/v1alpha4",
                networking: { podSubnet: "10.64.0.0/16" },
                nodes: roles.map((role) => ({ role })),
            }),
            nodes: roles.map((role, index) => `${name}-${role}${index > 1 ? index : ""}`),
            network: "lab-dev",
            image: "node:1",
            memory: "2GiB",
            kubeconfigPath: join(folder, "kubeconfigs", `${name}.yaml`),
            owner: { project: "lab", stack: "dev" },
            runtime: "docker",
        };
    }

    const call = (options: Partial<Call> = {}): Call => ({
        urn: "urn",
        preview: false,
        signal: new AbortController().signal,
        log: (_severity, message) => {
            logged.push(message);
        },
        ...options,
    });
    const preview = () => call({ preview: true });

    async function created(of = inputs): Promise<Recorded<KindInputs, KindOutputs>> {
        const { id, outputs } = await cluster.create(of, call());
        return { id, inputs: of, outputs };
    }
    const changesOf = async (old: Recorded<KindInputs, KindOutputs>, now = old.inputs) =>
        (await cluster.diff(old, now, call())).changes;
    const controlPlane = "lab-dev-edge1-control-plane";
    const kindRuns = () => world.events.filter((event) => "kind" in event);

    describe("check", () => {
        const reasons = async (changes: Record<string, unknown>) => {
            const checked = await cluster.check({ ...inputs, ...changes });
            return checked.failures.map(({ property, reason }) => `${property} ${reason}`);
        };

        it("has nothing against good inputs, or unknown ones", async () => {
            assert.deepEqual(await reasons({}), []);
            assert.deepEqual(await reasons({ network: UNKNOWN, config: UNKNOWN }), []);
            for (const cniPlugins of ["/p/cni-plugins", UNKNOWN]) {
                assert.deepEqual(await reasons({ cniPlugins }), []);
            }
        });

        for (const [what, changes, expected] of [
            ["a name in upper case", { name: "Edge" }, /^name is "Edge"; use lower-case/],
            ["no image", { image: "" }, /^image is "", but must be a text/],
            ["a memory size that is none", { memory: "lots" }, /^memory is "lots"; use a size/],
            ["too little memory", { memory: "100Mi" }, /^memory is "100Mi"; .* at least 1GiB/],
            ["another runtime", { runtime: "lxc" }, /^runtime is "lxc"; use "docker" or "podman"/],
            [
                "a stack that is no label",
                { owner: { project: "p", stack: "a b" } },
                /^owner\.stack/,
            ],
            ["a configuration that is no YAML", { config: "a: [" }, /^config cannot be read/],
            ["a configuration of something else", { config: "kind: Pod" }, /^config must be of/],
            [
                "other nodes than it makes",
                { nodes: ["x"] },
                /^nodes is \["x"\], but .*control-plane/,
            ],
            [
                "the user's own kubeconfig",
                { kubeconfigPath: `${process.env["HOME"] ?? ""}/.kube/config` },
                /^kubeconfigPath is .*your own kubeconfig; choose another/,
            ],
            [
                "CNI plugins of no certain place",
                { cniPlugins: "cni-plugins" },
                /^cniPlugins is "cni-plugins"; use the absolute path of a folder/,
            ],
            [
                "a folder that engines would take for two",
                { cniPlugins: "/a:/b" },
                /^cniPlugins is "\/a:\/b"; .* without ":"/,
            ],
            ["CNI plugins that are no text", { cniPlugins: ["/a"] }, /^cniPlugins is \["\/a"\]/],
        ] as const) {
            it(`refuses ${what}`, async () => {
                const [reason, ...more] = await reasons(changes);
                assert.match(reason ?? "", expected);
                assert.deepEqual(more, []);
            });
        }

        it("refuses a second control plane and workers with settings of their own", async () => {
            const config = (nodes: object[]) =>
                JSON.stringify({ kind: "Cluster", apiVersion: "kind.x-k8s.io/v1alpha4", nodes });
            assert.match(
                (
                    await reasons({
                        config: config([{ role: "control-plane" }, { role: "control-plane" }]),
                    })
                )[0] ?? "",
                /one control-plane node and then only workers/,
            );
            assert.match(
                (
                    await reasons({
                        config: config([{ role: "control-plane" }, { role: "worker", labels: {} }]),
                    })
                )[0] ?? "",
                /settings of its own/,
            );
        });
    });

    describe("create", () => {
        it("has kind make it, on the network, away from the user's kubeconfig and secrets", async () => {
            const { id, outputs } = await created();
            assert.equal(id, "lab-dev-edge1");
            assert.deepEqual(world.names, [controlPlane]);
            assert.deepEqual(outputs.nodeAddresses, { [controlPlane]: "10.200.0.2" });
            assert.equal(outputs.endpoint, "https://127.0.0.1:6443");
            assert.match(outputs.ca, /^[0-9a-f]{64}$/);
            assert.equal(world.one(controlPlane).memory, 2 ** 31);
            const [run] = kindRuns();
            assert.equal(run?.["KUBECONFIG"], undefined);
            assert.equal(run?.["passphrase"], undefined);
            assert.ok(!existsSync(String(run?.["kubeconfig"])));
            assert.ok(logged.includes("• Preparing nodes 📦  ..."));
        });

        it("labels every node with its owner and specification", async () => {
            await created(inputsOf("lab-dev-edge1", 1));
            const [run] = kindRuns();
            const { nodes } = run?.["config"] as { nodes: { labels: object }[] };
            const labels = {
                "multinet.dev/project": "lab",
                "multinet.dev/stack": "dev",
                "multinet.dev/spec": specHash(inputs),
            };
            assert.deepEqual(
                nodes.map((node) => node.labels),
                [labels, labels],
            );
        });

        it("shows every node the CNI plugins of this machine, beside what else it mounts", async () => {
            const other = { hostPath: "/data", containerPath: "/data" };
            const nodes = [{ role: "control-plane", extraMounts: [other] }, { role: "worker" }];
            const config = JSON.stringify({ ...parse(inputs.config), nodes });
            await created({
                ...inputsOf("lab-dev-edge1", 1),
                config,
                cniPlugins: "/p/cni-plugins",
            });
            const [run] = kindRuns();
            const made = run?.["config"] as { nodes: { extraMounts: object[] }[] };
            const plugins = {
                hostPath: "/p/cni-plugins",
                containerPath: "/opt/multinet/cni-plugins",
                readOnly: true,
            };
            assert.deepEqual(
                made.nodes.map(({ extraMounts }) => extraMounts),
                [[other, plugins], [plugins]],
            );
        });

        it("writes the kubeconfig for its owner only", async () => {
            const { outputs } = await created();
            const path = inputs.kubeconfigPath;
            assert.equal(readFileSync(path, "utf8"), outputs.kubeconfig);
            assert.equal(statSync(path).mode & 0o777, 0o600);
            assert.equal(statSync(join(path, "..")).mode & 0o777, 0o700);
        });

        it("touches nothing in a preview and leaves open what only the cluster can tell", async () => {
            const { id, outputs } = await cluster.create(inputs, preview());
            assert.equal(id, "lab-dev-edge1");
            assert.deepEqual(outputs, {
                ...inputs,
                kubeconfig: UNKNOWN,
                ca: UNKNOWN,
                endpoint: UNKNOWN,
                nodeAddresses: UNKNOWN,
                containers: UNKNOWN,
            });
            assert.deepEqual(world.names, []);
            assert.ok(!existsSync(join(folder, "kubeconfigs")));
        });

        it("adopts what an earlier run made from the same specification", async () => {
            const first = await created();
            const { outputs } = await created();
            assert.equal(kindRuns().length, 1);
            assert.deepEqual(outputs, first.outputs);
            assert.ok(logged.some((line) => line.includes("is adopted")));
        });

        it("starts what it adopts", async () => {
            await created();
            world.change(controlPlane, { state: "stopped", networks: { "lab-dev": "" } });
            const { outputs } = await created();
            assert.equal(kindRuns().length, 1);
            assert.deepEqual(outputs.nodeAddresses, { [controlPlane]: "10.200.0.99" });
        });

        for (const [what, spoil] of [
            ["half-made", () => world.change(controlPlane, { initialized: false })],
            [
                "empty and lacks kind's last step",
                () => world.change(controlPlane, { hasDefaultStorageClass: false }),
            ],
            [
                "empty and made from another specification",
                () => world.change(controlPlane, { nodeLabels: {} }),
            ],
            ["without its control plane", () => world.drop(controlPlane)],
        ] as const) {
            it(`recreates what is its own but ${what}`, async () => {
                inputs = inputsOf("lab-dev-edge1", 1);
                const first = await created();
                spoil();
                const { outputs } = await created();
                assert.equal(kindRuns().length, 2);
                assert.notEqual(outputs.ca, first.outputs.ca);
                assert.deepEqual(world.names, inputs.nodes);
                assert.ok(logged.some((line) => line.includes("it is recreated")));
            });
        }

        for (const [what, change, content] of [
            ["lacks kind's last step", { hasDefaultStorageClass: false }, "Pod default web"],
            ["was made from another specification", { nodeLabels: {} }, "Namespace <none> prod"],
            [
                "was made from another image",
                { nodeLabels: {}, image: "node:0" },
                "Secret kube-system sh.helm.release.v1.multus.v1",
            ],
        ] as const) {
            it(`leaves alone what ${what} but holds a ${content}`, async () => {
                const { outputs } = await created();
                world.change(controlPlane, change);
                world.behaviour = { contents: [content] };
                const error = await created().catch((error: unknown) => error);
                assert.ok(error instanceof PartialFailure, String(error));
                assert.match(error.message, /not empty \((Pod|Namespace|Secret) .*left alone/);
                assert.match(error.message, /docker rm -f -v lab-dev-edge1-control-plane$/);
                assert.equal(world.one(controlPlane).id, outputs.containers?.[controlPlane]);
            });
        }

        it("removes nothing when a control plane was renamed", async () => {
            inputs = inputsOf("lab-dev-edge1", 1);
            await created();
            const { id } = world.one(controlPlane);
            world.change(controlPlane, { name: "kept" });
            world.drop(controlPlane);
            await assert.rejects(
                created(),
                /is called kept now, .*docker rename kept lab-dev-edge1-control-plane/,
            );
            assert.equal(world.one("kept").id, id);
            assert.deepEqual(world.names, ["kept", "lab-dev-edge1-worker"]);
        });

        it("recreates just the workers of what it adopts that are missing or never joined", async () => {
            inputs = inputsOf("lab-dev-edge1", 2);
            const first = await created();
            world.drop("lab-dev-edge1-worker");
            world.change("lab-dev-edge1-worker2", { joined: false });
            const { outputs } = await created();
            assert.equal(kindRuns().length, 1);
            assert.equal(outputs.ca, first.outputs.ca);
            assert.deepEqual(world.names, inputs.nodes);
            for (const node of inputs.nodes) {
                assert.ok(world.one(node).joined, node);
            }
        });

        it("finishes by update what was made but not recorded whole", async () => {
            const first = await created();
            rmSync(join(folder, "kubeconfigs"), { recursive: true });
            // The place for the kubeconfig file cannot be written.
            inputs = { ...inputs, kubeconfigPath: join(folder, "kubeconfigs/edge1.yaml") };
            mkdirSync(inputs.kubeconfigPath, { recursive: true });
            const error = await created().catch((error: unknown) => error);
            assert.ok(error instanceof PartialFailure, String(error));
            const recorded = { id: error.id, inputs, outputs: error.outputs as KindOutputs };
            rmSync(inputs.kubeconfigPath, { recursive: true });
            const { changes, stables } = await cluster.diff(recorded, inputs, call());
            assert.deepEqual(changes, { "cluster lab-dev-edge1 (not completed)": "update" });
            assert.deepEqual(stables, []);
            const preview = await cluster.update(recorded, inputs, call({ preview: true }));
            assert.equal(preview.ca, UNKNOWN);
            const outputs = await cluster.update(recorded, inputs, call());
            assert.equal(kindRuns().length, 1);
            assert.equal(outputs.ca, first.outputs.ca);
            assert.ok(existsSync(inputs.kubeconfigPath));
        });

        it("says in a preview what it will adopt", async () => {
            await created();
            await cluster.create(inputs, preview());
            assert.ok(logged.includes(`${controlPlane}: there already, to be adopted`));
        });

        it("does not clean up after kind what another run was faster to make", async () => {
            world.behaviour = { kindTakes: 300 };
            const creating = created();
            while (kindRuns().length === 0) {
                await setTimeout(10);
            }
            world.add(controlPlane, { cluster: "lab-dev-edge1", network: "lab-dev" });
            const { id } = world.one(controlPlane);
            await assert.rejects(creating, /already exist for a cluster/);
            assert.equal(world.one(controlPlane).id, id);
        });

        it("removes what a killed run left beside the kubeconfig file, and keeps kind's copy there", async () => {
            const scratch = `${inputs.kubeconfigPath}.kind`;
            mkdirSync(scratch, { recursive: true });
            writeFileSync(join(scratch, "kubeconfig"), "key");
            writeFileSync(`${inputs.kubeconfigPath}.new`, "half");
            await created();
            const [run] = kindRuns();
            assert.equal(run?.["kubeconfig"], join(scratch, "kubeconfig"));
            assert.deepEqual(readdirSync(join(folder, "kubeconfigs")).sort(), [
                "lab-dev-edge1.yaml",
                "lab-dev-edge1.yaml.lock",
            ]);
        });

        for (const [where, make] of [
            ["update", () => cluster.create(inputs, call())],
            ["preview", () => cluster.create(inputs, preview())],
        ] as const) {
            it(`refuses to touch a foreign container of that name in ${where}`, async () => {
                world.add(controlPlane, { cluster: "lab-dev-edge1", network: "kind" });
                await assert.rejects(make, (error: Error) => {
                    assert.match(
                        error.message,
                        /networks: kind\) has its name, but is not on network lab-dev/,
                    );
                    assert.match(error.message, /docker rm -f lab-dev-edge1-control-plane/);
                    return true;
                });
                assert.deepEqual(world.names, [controlPlane]);
                assert.equal(kindRuns().length, 0);
            });
        }

        it("refuses when the network is gone instead of letting kind make one", async () => {
            inputs = { ...inputs, network: "other" };
            await assert.rejects(created, /network other does not exist .* `pulumi up`/);
            assert.equal(kindRuns().length, 0);
        });

        it("leaves nothing behind when kind fails", async () => {
            world.behaviour = { kindFails: "kubeadm init said no" };
            await assert.rejects(created, (error: Error) => {
                assert.ok(!(error instanceof PartialFailure));
                assert.match(
                    error.message,
                    /^cluster lab-dev-edge1 could not be made: .*kubeadm init said no/s,
                );
                return true;
            });
            assert.deepEqual(world.names, []);
            assert.deepEqual(readdirSync(folder), ["world"]);
        });

        it("has the engine record what could not be removed", async () => {
            world.behaviour = { kindFails: "no", stuck: true };
            const error = await created().catch((error: unknown) => error);
            assert.ok(error instanceof PartialFailure, String(error));
            assert.equal(error.id, "lab-dev-edge1");
            world.behaviour = {};
            const recorded = { id: error.id, inputs, outputs: error.outputs as KindOutputs };
            const changes = await changesOf(recorded);
            assert.deepEqual(changes, { "cluster lab-dev-edge1 (not completed)": "update" });
            await cluster.delete(recorded, call());
            assert.deepEqual(world.names, []);
        });

        it("stops kind and cleans up when it is cancelled", async () => {
            world.behaviour = { kindTakes: 60_000 };
            const controller = new AbortController();
            const creating = cluster.create(inputs, call({ signal: controller.signal }));
            while (kindRuns().length === 0) {
                await setTimeout(10);
            }
            controller.abort(new Error("cancelled"));
            await assert.rejects(creating, /cancelled/);
            assert.deepEqual(world.names, []);
        });

        it("waits for a twin that is still at work, and adopts its cluster", async () => {
            world.behaviour = { kindTakes: 1500 };
            const [one, two] = await Promise.all([created(), created()]);
            assert.equal(kindRuns().length, 1);
            assert.deepEqual(one.outputs, two.outputs);
            assert.ok(logged.some((line) => line.includes("another run still works on cluster")));
        });

        it("makes several at the same time", async () => {
            const names = ["edge1", "edge2", "edge3", "edge4"].map((name) => `lab-dev-${name}`);
            await Promise.all(names.map((name) => created(inputsOf(name, 0))));
            assert.deepEqual(
                world.names,
                names.map((name) => `${name}-control-plane`),
            );
        });
    });

    describe("diff", () => {
        it("finds nothing when nothing happened, however the configuration is written", async () => {
            const old = await created();
            logged = [];
            assert.deepEqual(await changesOf(old), {});
            const config = JSON.stringify(JSON.parse(inputs.config), null, 4);
            assert.deepEqual(await changesOf(old, { ...inputs, config }), {});
            assert.deepEqual(logged, []);
        });

        for (const [property, value] of [
            ["image", "node:2"],
            ["network", "lab-two"],
            ["name", "lab-dev-edge9"],
            ["network", UNKNOWN],
        ] as const) {
            it(`replaces when ${property} becomes ${value}`, async () => {
                const old = await created();
                const { changes, deleteBeforeReplace } = await cluster.diff(
                    old,
                    { ...inputs, [property]: value },
                    call(),
                );
                assert.equal(changes[property], "update-replace");
                assert.equal(deleteBeforeReplace, true);
            });
        }

        it("replaces when the configuration of the cluster itself changes", async () => {
            const old = await created();
            const config = inputs.config.replace("10.64.0.0/16", "10.65.0.0/16");
            assert.deepEqual(await changesOf(old, { ...inputs, config }), {
                config: "update-replace",
            });
        });

        it("adds and removes workers in place", async () => {
            const old = await created();
            const more = inputsOf("lab-dev-edge1", 2);
            assert.deepEqual(await changesOf(old, more), { nodes: "update" });
            assert.deepEqual(
                await changesOf(
                    { ...old, inputs: more, outputs: { ...old.outputs, ...more } },
                    inputs,
                ),
                { nodes: "update" },
            );
        });

        it("names the container that was deleted, and says so in one line", async () => {
            const old = await created();
            world.drop(controlPlane);
            logged = [];
            const key = `container ${controlPlane} (deleted outside Pulumi)`;
            assert.deepEqual(await changesOf(old), { [key]: "delete-replace" });
            assert.deepEqual(logged, [`drift: ${key}`]);
        });

        it("heals workers in place", async () => {
            inputs = inputsOf("lab-dev-edge1", 2);
            const old = await created();
            world.drop("lab-dev-edge1-worker2");
            world.change("lab-dev-edge1-worker", { state: "paused" });
            assert.deepEqual(await changesOf(old), {
                "container lab-dev-edge1-worker2 (deleted outside Pulumi)": "update",
                "container lab-dev-edge1-worker (paused outside Pulumi)": "update",
            });
        });

        it("sees stopped containers, other addresses and other memory limits", async () => {
            const old = await created();
            world.change(controlPlane, { state: "stopped" });
            assert.deepEqual(await changesOf(old), {
                [`container ${controlPlane} (stopped outside Pulumi)`]: "update",
            });
            world.change(controlPlane, {
                state: "running",
                memory: 5,
                networks: { "lab-dev": "10.200.0.77" },
            });
            assert.deepEqual(await changesOf(old), {
                [`nodeAddresses.${controlPlane}`]: "update",
                [`memory of container ${controlPlane} (changed outside Pulumi)`]: "update",
            });
            assert.deepEqual(await changesOf(old, { ...inputs, memory: "3GiB" }), {
                [`nodeAddresses.${controlPlane}`]: "update",
                memory: "update",
            });
        });

        for (const [what, spoil, fault] of [
            ["is missing", rmSync, "deleted outside Pulumi"],
            ["was changed", (path: string) => writeFileSync(path, "x"), "changed outside Pulumi"],
            [
                "can be read by others",
                (path: string) => chmodSync(path, 0o644),
                "mode 644, not 600",
            ],
        ] as const) {
            it(`sees that the kubeconfig file ${what}, and writes it again`, async () => {
                const old = await created();
                const path = inputs.kubeconfigPath;
                spoil(path);
                assert.deepEqual(await changesOf(old), { [`file ${path} (${fault})`]: "update" });
                await cluster.update(old, inputs, call());
                assert.equal(readFileSync(path, "utf8"), old.outputs.kubeconfig);
                assert.equal(statSync(path).mode & 0o777, 0o600);
            });
        }

        it("throws when the engine does not answer, and calls nothing gone", async () => {
            const old = await created();
            world.behaviour = { silent: true };
            await assert.rejects(changesOf(old), RuntimeSilent);
            await assert.rejects(cluster.read(old, call()), RuntimeSilent);
            await assert.rejects(cluster.delete(old, call()), RuntimeSilent);
        });

        it("refuses when someone else's container took the name", async () => {
            const old = await created();
            world.drop(controlPlane);
            world.add(controlPlane, { cluster: "theirs", network: "bridge" });
            await assert.rejects(changesOf(old), /belongs to someone else/);
        });

        it("knows its node by its id when that lost its network, and without one by its network", async () => {
            const old = await created();
            world.change(controlPlane, { networks: { bridge: "172.17.0.2" } });
            assert.deepEqual(await changesOf(old), {
                [`container ${controlPlane} (disconnected from network lab-dev outside Pulumi)`]:
                    "update",
            });
            const older = { ...old.outputs };
            delete older.containers;
            await assert.rejects(
                changesOf({ ...old, outputs: older }),
                /belongs to someone else.*docker network connect lab-dev lab-dev-edge1-control-plane$/,
            );
        });

        it("sees a node that was recreated, unless nothing is recorded of the former", async () => {
            const old = await created();
            world.change(controlPlane, { id: "another" });
            assert.deepEqual(await changesOf(old), {
                [`container ${controlPlane} (recreated outside Pulumi)`]: "update",
            });
            const older = { ...old.outputs };
            delete older.containers;
            assert.deepEqual(await changesOf({ ...old, outputs: older }), {});
        });

        it("calls no container gone in another container engine", async () => {
            inputs = { ...inputs, engine: "engine" };
            const old = await created();
            world.drop(controlPlane);
            world.behaviour = { engine: "other" };
            await assert.rejects(changesOf(old), /lives in the container engine engine;/);
        });

        it("finds nothing in a state of an older version, which has no engine, archives or containers", async () => {
            const { outputs } = await created();
            delete outputs.containers;
            const old = { id: inputs.name, inputs, outputs };
            assert.deepEqual(
                await changesOf(old, { ...inputs, engine: "engine", archives: [] }),
                {},
            );
            assert.deepEqual(await changesOf(old, { ...inputs, engine: UNKNOWN }), {});
        });
    });

    describe("update", () => {
        it("starts what is stopped and tells the new address; a preview leaves it open", async () => {
            const old = await created();
            world.change(controlPlane, { state: "stopped", networks: { "lab-dev": "" } });
            const expected = await cluster.update(old, inputs, preview());
            assert.equal(expected.nodeAddresses, UNKNOWN as never);
            assert.equal(expected.ca, old.outputs.ca);
            const outputs = await cluster.update(old, inputs, call());
            assert.deepEqual(outputs.nodeAddresses, { [controlPlane]: "10.200.0.99" });
            assert.deepEqual(await changesOf({ ...old, outputs }), {});
        });

        it("knows in a preview what will not change", async () => {
            const old = await created();
            const now = { ...inputs, memory: "3GiB" };
            assert.deepEqual(await cluster.update(old, now, preview()), {
                ...old.outputs,
                memory: "3GiB",
            });
            assert.equal(world.one(controlPlane).memory, 2 ** 31);
            await cluster.update(old, now, call());
            assert.equal(world.one(controlPlane).memory, 3 * 2 ** 30);
        });

        it("adds a worker the way kind does", async () => {
            const old = await created();
            const more = inputsOf("lab-dev-edge1", 1);
            const outputs = await cluster.update(old, more, call());
            assert.deepEqual(Object.keys(outputs.nodeAddresses), more.nodes);
            const worker = world.one("lab-dev-edge1-worker");
            assert.ok(worker.joined);
            assert.equal(worker.memory, 2 ** 31);
            assert.equal(kindRuns().length, 1);
            const [run] = world.events.filter((event) => "run" in event);
            const args = run?.["args"] as string[];
            assert.ok(args.includes("io.x-k8s.kind.role=worker"));
            assert.ok(!args.some((argument) => argument.includes("=/bin")));
            assert.deepEqual(run?.["env"], ["PATH=/bin"]);
        });

        it("shows another worker the folder with CNI plugins as it is now, and touches no other node", async () => {
            inputs = { ...inputs, cniPlugins: "/before" };
            const old = await created();
            const node = world.one(controlPlane);
            const events = world.events.length;
            const moved = { ...inputs, cniPlugins: "/now" };
            for (const now of [moved, inputsOf("lab-dev-edge1", 0)]) {
                assert.deepEqual(await changesOf(old, now), { cniPlugins: "update" });
            }
            const outputs = await cluster.update(old, moved, call());
            assert.deepEqual(world.one(controlPlane), node);
            assert.equal(world.events.length, events);
            const more = { ...inputsOf("lab-dev-edge1", 1), cniPlugins: "/now" };
            await cluster.update({ ...old, inputs: moved, outputs }, more, call());
            const [run] = world.events.filter((event) => "run" in event);
            assert.ok(
                (run?.["args"] as string[]).includes("/now:/opt/multinet/cni-plugins:ro"),
                JSON.stringify(run),
            );
        });

        it("removes a worker's container before its node, which a living kubelet would register again", async () => {
            inputs = inputsOf("lab-dev-edge1", 1);
            const old = await created();
            await cluster.update(old, inputsOf("lab-dev-edge1", 0), call());
            assert.deepEqual(world.names, [controlPlane]);
            const [container, node, pods] = world.events.slice(-3);
            assert.deepEqual(container, { removed: "lab-dev-edge1-worker" });
            assert.match(String(node?.["command"]), /delete node lab-dev-edge1-worker /);
            assert.match(
                String(pods?.["command"]),
                /delete pods --field-selector=spec.nodeName=lab-dev-edge1-worker /,
            );
        });

        it("takes nodes out that it made and whose containers are gone, and no others", async () => {
            const old = await created();
            const labels = { "multinet.dev/spec": "0123" };
            world.behaviour = {
                registered: [
                    { name: "lab-dev-edge1-worker", labels },
                    { name: "simulated", labels: {} },
                ],
            };
            await cluster.update(old, { ...inputs, memory: "3GiB" }, call());
            const deleted = world.events.map(({ command }) => String(command));
            assert.equal(deleted.filter((one) => one.includes("delete node")).length, 1);
            assert.match(deleted.at(-2)!, /delete node lab-dev-edge1-worker --ignore-not-found/);
        });

        it("connects a node that lost its network, and restarts it so that it takes its new address", async () => {
            const old = await created();
            world.change(controlPlane, { networks: {} });
            const outputs = await cluster.update(old, inputs, call());
            assert.deepEqual(world.events.slice(-3), [
                { connected: controlPlane, network: "lab-dev" },
                { restarted: controlPlane },
                { started: controlPlane },
            ]);
            assert.deepEqual(await changesOf({ ...old, outputs }), {});
        });

        for (const said of [
            "driver failed programming external connectivity on endpoint x: failed to bind host port for 127.0.0.1:40001:10.200.0.2:6443/tcp: address already in use",
            "Bind for 127.0.0.1:40001 failed: port is already allocated",
        ]) {
            it(`names the port that was taken from a stopped node: ${said.slice(0, 20)}`, async () => {
                const old = await created();
                world.change(controlPlane, { state: "stopped" });
                world.behaviour = { startFails: said };
                await assert.rejects(
                    cluster.update(old, inputs, call()),
                    /its port 40001 of this machine.*ss -ltnp 'sport = :40001'.*docker rm -f -v lab-dev-edge1-control-plane/s,
                );
            });
        }

        it("starts a node whose network was made again meanwhile", async () => {
            const old = await created();
            world.change(controlPlane, { state: "stopped" });
            world.behaviour = { startFails: "Error response from daemon: network 0123 not found" };
            await cluster.update(old, inputs, call());
            assert.equal(world.one(controlPlane).state, "running");
        });

        it("gives a worker the image archives before it joins", async () => {
            inputs = { ...inputs, archives: ["box.tar"] };
            const old = await created();
            await cluster.update(
                old,
                { ...inputsOf("lab-dev-edge1", 1), archives: ["box.tar"] },
                call(),
            );
            const order = world.events.map(({ loaded, command }) =>
                String(loaded ?? command).replace(/ --.*/, ""),
            );
            assert.ok(order.indexOf("box.tar") < order.indexOf("kubeadm join"), order.join());
            assert.ok(order.includes("box.tar"));
        });

        it("keeps pods from a worker that comes back until Multus and its agent are there", async () => {
            inputs = inputsOf("lab-dev-edge1", 1);
            const [, worker = ""] = inputs.nodes;
            const old = await created();
            world.drop(worker);
            const registered = [{ name: worker, labels: { "multinet.dev/spec": "0" } }];
            world.behaviour = { daemonSets: ["multus", "node-routes"], fit: 4, registered };
            await cluster.update(old, inputs, call());
            const order = world.events
                .map(
                    ({ command }) =>
                        /delete pods --field-selector=spec.nodeName=\S+|kubeadm join|install|^rm/.exec(
                            String(command),
                        )?.[0],
                )
                .filter((command) => command !== undefined);
            assert.deepEqual(order, [
                `delete pods --field-selector=spec.nodeName=${worker}`,
                "install",
                "kubeadm join",
                "rm",
            ]);
            assert.ok((world.behaviour.fit ?? 0) <= 0);
            assert.ok(!world.one(worker).gated);
        });

        it("opens a gate that a killed run left closed", async () => {
            inputs = inputsOf("lab-dev-edge1", 1);
            const [, worker = ""] = inputs.nodes;
            const old = await created();
            world.change(worker, { gated: true });
            await cluster.update(old, inputs, call());
            assert.ok(!world.one(worker).gated);
        });

        it("gates nothing where there is no Multus", async () => {
            const old = await created();
            await cluster.update(old, inputsOf("lab-dev-edge1", 1), call());
            assert.ok(!world.events.some(({ command }) => String(command).startsWith("install")));
        });

        it("removes a worker that could not be added by the id that was printed, and no stranger of that name", async () => {
            const old = await created();
            const more = inputsOf("lab-dev-edge1", 1);
            const [, worker = ""] = more.nodes;
            world.behaviour = { runFails: "start" };
            await assert.rejects(cluster.update(old, more, call()), /OCI runtime create failed/);
            assert.deepEqual(world.names, [controlPlane]);
            world.behaviour = { runFails: "conflict" };
            await assert.rejects(cluster.update(old, more, call()), /Conflict/);
            assert.deepEqual(world.names, [controlPlane, worker]);
        });

        it("names the node of an API that does not answer, and the fix", async () => {
            const { name } = world;
            world.behaviour = { apiDown: true };
            world.add(controlPlane, { cluster: "lab-dev-edge1", network: "lab-dev" });
            await assert.rejects(
                apiNodes(world, controlPlane, new AbortController().signal, 1),
                (error: Error) => {
                    assert.match(
                        error.message,
                        /in the container lab-dev-edge1-control-plane did not answer/,
                    );
                    assert.ok(error.message.includes(`${name} restart ${controlPlane}`));
                    assert.ok(error.message.includes(`${name} rm -f -v ${controlPlane}`));
                    return true;
                },
            );
            assert.deepEqual(world.names, [controlPlane]);
        });

        it("recreates a worker that a killed run left before it joined", async () => {
            const old = await created();
            const [, worker = ""] = inputsOf("lab-dev-edge1", 1).nodes;
            world.add(worker, { cluster: "lab-dev-edge1", network: "lab-dev" });
            world.change(worker, { joined: false });
            const { id } = world.one(worker);
            await cluster.update(old, inputsOf("lab-dev-edge1", 1), call());
            assert.ok(world.one(worker).joined);
            assert.notEqual(world.one(worker).id, id);
            assert.ok(logged.includes(`worker ${worker} never joined; it is recreated`));
        });

        it("has no worker join before its services run", async () => {
            const old = await created();
            world.behaviour = { boots: 2 };
            await cluster.update(old, inputsOf("lab-dev-edge1", 1), call());
            assert.equal(world.behaviour.boots, -1);
            assert.ok(world.one("lab-dev-edge1-worker").joined);
        });

        it("adds the other workers when one cannot be added, and says which", async () => {
            const old = await created();
            const more = inputsOf("lab-dev-edge1", 2);
            const [, first = "", second = ""] = more.nodes;
            world.behaviour = { cannotJoin: first };
            await assert.rejects(
                cluster.update(old, more, call()),
                /^Error: worker lab-dev-edge1-worker could not be added: .*kubelet-start/s,
            );
            assert.deepEqual(world.names, [controlPlane, second]);
            assert.ok(world.one(second).joined);
        });

        it("leaves the kubeconfig file of another checkout alone, and says so", async () => {
            for (const [place, project] of [
                ["original", "name: lab"],
                ["copy", "name: lab"],
            ] as const) {
                mkdirSync(join(folder, place));
                writeFileSync(join(folder, place, "Pulumi.yaml"), project);
            }
            inputs = { ...inputs, kubeconfigPath: join(folder, "original/own/edge1.yaml") };
            const old = await created();
            const moved = { ...inputs, kubeconfigPath: join(folder, "copy/own/edge1.yaml") };
            await cluster.update(old, moved, call());
            assert.ok(existsSync(moved.kubeconfigPath));
            assert.ok(existsSync(inputs.kubeconfigPath));
            assert.ok(
                logged.some((line) => line.includes(`the project in ${join(folder, "original")}`)),
            );
        });

        it("moves the kubeconfig file", async () => {
            const old = await created();
            const moved = { ...inputs, kubeconfigPath: join(folder, "elsewhere/edge1.yaml") };
            assert.deepEqual(await changesOf(old, moved), { kubeconfigPath: "update" });
            await cluster.update(old, moved, call());
            assert.ok(existsSync(moved.kubeconfigPath));
            assert.ok(!existsSync(join(folder, "kubeconfigs")));
        });
    });

    describe("read", () => {
        it("tells the present addresses of the nodes that run", async () => {
            inputs = inputsOf("lab-dev-edge1", 1);
            const old = await created();
            world.change(controlPlane, { networks: { "lab-dev": "10.200.0.50" } });
            world.change("lab-dev-edge1-worker", { state: "stopped", networks: { "lab-dev": "" } });
            const found = await cluster.read(old, call());
            assert.deepEqual(found?.inputs, inputs);
            assert.deepEqual(found.outputs, {
                ...old.outputs,
                nodeAddresses: { [controlPlane]: "10.200.0.50" },
            });
        });

        it("calls it gone when nothing is left; until then the next update is as without a refresh", async () => {
            inputs = inputsOf("lab-dev-edge1", 1);
            const old = await created();
            world.drop(controlPlane);
            const found = await cluster.read(old, call());
            assert.ok(found);
            assert.deepEqual(await changesOf({ ...old, ...found }), await changesOf(old));
            world.drop("lab-dev-edge1-worker");
            assert.ok(await cluster.read(old, call()));
            rmSync(inputs.kubeconfigPath);
            assert.equal(await cluster.read(old, call()), undefined);
        });

        it("refuses another container engine, in which all would seem gone; so does a deletion", async () => {
            inputs = { ...inputs, engine: "engine" };
            const old = await created();
            world.behaviour = { engine: "other" };
            for (const attempt of [
                () => cluster.read(old, call()),
                () => cluster.delete(old, call()),
            ]) {
                await assert.rejects(
                    attempt,
                    /lives in the container engine engine; here docker leads to another one, other, at DOCKER_HOST=.*pulumi stack rm --force --preserve-config/,
                );
            }
            assert.deepEqual(world.names, [controlPlane]);
        });

        it("cannot import, and says what to do", async () => {
            const nothing = { id: "x", inputs: {} as KindInputs, outputs: {} as KindOutputs };
            await assert.rejects(cluster.read(nothing, call()), /is adopted by `pulumi up`/);
        });
    });

    describe("delete", () => {
        it("leaves nothing, and is content when there is nothing", async () => {
            inputs = inputsOf("lab-dev-edge1", 2);
            const old = await created();
            await cluster.delete(old, call());
            assert.deepEqual(world.names, []);
            assert.deepEqual(readdirSync(folder), ["world"]);
            await cluster.delete(old, call());
            assert.deepEqual(readdirSync(folder), ["world"]);
        });

        it("leaves foreign containers and neighbours alone", async () => {
            const old = await created();
            const neighbour = await created(inputsOf("lab-dev-edge2", 0));
            world.drop(controlPlane);
            world.add(controlPlane, { cluster: "lab-dev-edge1", network: "bridge" });
            await cluster.delete(old, call());
            assert.deepEqual(world.names, [controlPlane, "lab-dev-edge2-control-plane"]);
            assert.ok(existsSync(neighbour.inputs.kubeconfigPath));
            assert.ok(logged.some((line) => line.endsWith("left alone")));
        });

        it("works for several at the same time", async () => {
            const all = await Promise.all(
                ["a", "b", "c", "d"].map((name) => created(inputsOf(`lab-dev-${name}`, 0))),
            );
            await Promise.all(all.map((old) => cluster.delete(old, call())));
            assert.deepEqual(world.names, []);
            assert.deepEqual(readdirSync(folder), ["world"]);
        });
    });

    it("is the same cluster wherever the CNI plugins of this machine are", () => {
        const hash = specHash(inputs);
        const path = fc.string().map((name) => `/${name}`);
        fc.assert(
            fc.property(path, (cniPlugins) => {
                assert.equal(specHash({ ...inputs, cniPlugins }), hash);
                const config = parse(labelledConfig({ ...inputs, cniPlugins })) as {
                    nodes: { extraMounts: { hostPath: string }[] }[];
                };
                for (const { extraMounts } of config.nodes) {
                    assert.deepEqual(
                        extraMounts.map(({ hostPath }) => hostPath),
                        [cniPlugins],
                    );
                }
            }),
        );
        assert.ok(!labelledConfig(inputs).includes("extraMounts"));
    });

    it("is the same to kind whatever order its configuration is in", () => {
        const reordered = { ...inputs, config: inputs.config.replace(/^\{"kind":"Cluster",/, "{") };
        const config = `${reordered.config.slice(0, -1)},"kind":"Cluster"}`;
        assert.equal(specHash({ ...inputs, config }), specHash(inputs));
        assert.match(labelledConfig(inputs), /multinet\.dev\/spec: [0-9a-f]{32}/);
        assert.notEqual(kubeconfig("a"), kubeconfig("b"));
    });
});
