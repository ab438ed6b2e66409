import { resolve } from "node:path";
import { cleanEnv, exec } from "./exec.ts";
import { apiNodes } from "./kind/api.ts";
import { build, unfit } from "./kind/build.ts";
import { checkKindInputs } from "./kind/check.ts";
import { consentFile, refuseReplacement } from "./kind/consent.ts";
import { inputChanges, liveChanges } from "./kind/drift.ts";
import { kubeconfigFault, removeKubeconfig, writeKubeconfig } from "./kind/kubeconfigFile.ts";
import { removeLock, withLock } from "./kind/lock.ts";
import { LABELS, parseBytes } from "./kind/spec.ts";
import type { KindInputs, KindOutputs } from "./kind/spec.ts";
import { addWorkers, deleteNodes } from "./kind/worker.ts";
import { look, refuseForeign, sort } from "./kind/world.ts";
import { readKubeconfig } from "./kube/kubeconfig.ts";
import { PartialFailure, UNKNOWN } from "./resource.ts";
import type { Call, Difference, Recorded, Resource } from "./resource.ts";
import { hasUnknown } from "./rpc/properties.ts";
import type { Container, Runtime, RuntimeName } from "./runtime/runtime.ts";
import { runtime as runtimeOf } from "./runtime/runtimes.ts";

type Old = Recorded<KindInputs, KindOutputs>;

/** A kind cluster whose containers and kubeconfig file are compared with the real world in every diff. */
export function kindCluster(
    runtimes: (name: RuntimeName) => Runtime = runtimeOf,
): Resource<KindInputs, KindOutputs> {
    return {
        secrets: ["kubeconfig"],

        check: (inputs) => Promise.resolve({ inputs, failures: checkKindInputs(inputs) }),

        async diff(old, inputs, call) {
            const changes = inputChanges(old.inputs, inputs);
            if (!replaces(changes)) {
                const drift = await driftOf(old, inputs, call);
                Object.assign(changes, drift);
                if (Object.keys(drift).length > 0) {
                    call.log("info", `drift: ${Object.keys(drift).join("; ")}`);
                }
            }
            const consent = consentFile();
            if (consent && replaces(changes) && (await isThere(old, call))) {
                await refuseReplacement(consent, old.inputs.name, changes);
            }
            const stables = replaces(changes) ? [] : ["ca", "endpoint", "kubeconfig"];
            return { changes, deleteBeforeReplace: true, stables };
        },

        async create(inputs, call) {
            if (call.preview) {
                return previewOf(inputs, call);
            }
            const runtime = runtimes(inputs.runtime);
            return locked(inputs, call, async (lock) => {
                const world = await look(runtime, inputs, call);
                refuseForeign(world, inputs, runtime.name);
                try {
                    if (!(await adopted(runtime, inputs, world.own, call))) {
                        await runtime.remove(world.own, call);
                        await build(runtime, inputs, call, lock);
                    }
                    return { id: inputs.name, outputs: await finish(runtime, inputs, call) };
                } catch (error) {
                    throw await asRecorded(runtime, inputs, error as Error);
                }
            });
        },

        async read({ id, inputs, outputs }, call) {
            if (Object.keys(inputs).length === 0) {
                throw new Error(
                    `cluster ${id} cannot be imported; a cluster that this program describes is taken over by \`pulumi up\``,
                );
            }
            const found = await runtimes(inputs.runtime).containers({ names: inputs.nodes }, call);
            const { own } = sort(found, inputs);
            if (!own.some(({ name }) => name === inputs.nodes[0])) {
                return undefined;
            }
            const nodeAddresses = { ...outputs.nodeAddresses, ...addressesOf(own, inputs.network) };
            return { inputs, outputs: { ...outputs, nodeAddresses } };
        },

        async update(old, inputs, call) {
            const runtime = runtimes(inputs.runtime);
            if (call.preview) {
                const { own } = await look(runtime, inputs, call);
                return expected(old.outputs, inputs, own);
            }
            return locked(inputs, call, async () => {
                await repair(runtime, inputs, call);
                const outputs = await finish(runtime, inputs, call);
                if (resolve(old.inputs.kubeconfigPath) !== resolve(inputs.kubeconfigPath)) {
                    await removeFiles(old.inputs);
                }
                return outputs;
            });
        },

        async delete({ inputs }, call) {
            const runtime = runtimes(inputs.runtime);
            await locked(inputs, call, async () => {
                const { own, foreign } = await look(runtime, inputs, call);
                for (const { name } of foreign) {
                    call.log(
                        "warning",
                        `container ${name} is not on ${inputs.network}: left alone`,
                    );
                }
                await runtime.remove(own, call);
                await removeFiles(inputs);
            });
        },
    };

    /** Whether the cluster was completed and has its control plane still, so that a replacement loses something. */
    async function isThere({ inputs, outputs }: Old, call: Call): Promise<boolean> {
        const [controlPlane = ""] = inputs.nodes;
        const found = await runtimes(inputs.runtime).containers({ names: [controlPlane] }, call);
        return Boolean(outputs.ca) && sort(found, inputs).own.length > 0;
    }

    /** A preview refuses what the real run would refuse. */
    async function previewOf(inputs: KindInputs, call: Call) {
        if (!hasUnknown(inputs)) {
            refuseForeign(
                await look(runtimes(inputs.runtime), inputs, call),
                inputs,
                inputs.runtime,
            );
        }
        const unknown = { kubeconfig: UNKNOWN, ca: UNKNOWN, endpoint: UNKNOWN };
        const nodeAddresses = UNKNOWN as unknown as Record<string, string>;
        const id = hasUnknown(inputs.name) ? "" : inputs.name;
        return { id, outputs: { ...inputs, ...unknown, nodeAddresses } };
    }

    async function driftOf(old: Old, inputs: KindInputs, call: Call) {
        const runtime = runtimes(inputs.runtime);
        const [found, fault] = await Promise.all([
            runtime.containers({ names: old.inputs.nodes }, call),
            kubeconfigFault(old.inputs.kubeconfigPath, old.outputs.kubeconfig),
        ]);
        const world = sort(found, old.inputs);
        refuseForeign(world, old.inputs, runtime.name);
        const changes = liveChanges(old, inputs, world.own);
        if (!old.outputs.ca) {
            changes[`cluster ${inputs.name} (never completed)`] = "delete-replace";
        } else if (fault && old.inputs.kubeconfigPath === inputs.kubeconfigPath) {
            changes[`file ${inputs.kubeconfigPath} (${fault})`] = "update";
        }
        return changes;
    }
}

function replaces(changes: Difference["changes"]): boolean {
    return Object.values(changes).some((kind) => kind.endsWith("-replace"));
}

function locked<T>(
    { name, kubeconfigPath }: KindInputs,
    call: Call,
    body: (lock: number) => Promise<T>,
): Promise<T> {
    const onWait = () => {
        call.log("info", `another run still works on cluster ${name}; waiting for it`);
    };
    return withLock(lockPath(kubeconfigPath), { signal: call.signal, onWait }, body);
}

function lockPath(kubeconfigPath: string): string {
    return `${kubeconfigPath}.lock`;
}

async function removeFiles({ kubeconfigPath }: KindInputs): Promise<void> {
    await removeLock(lockPath(kubeconfigPath));
    await removeKubeconfig(kubeconfigPath);
}

/** Whether what is there can be taken over as this cluster. */
async function adopted(
    runtime: Runtime,
    inputs: KindInputs,
    own: Container[],
    call: Call,
): Promise<boolean> {
    if (own.length === 0) {
        return false;
    }
    const reason = await unfit(runtime, inputs, own, call.signal);
    const what =
        reason === undefined ? "is there already and is taken over" : `${reason}; it is made anew`;
    call.log("info", `cluster ${inputs.name} ${what}`);
    return reason === undefined;
}

/** If a failed creation left containers after all, the engine has to know of them, so that destroy finds them. */
async function asRecorded(runtime: Runtime, inputs: KindInputs, error: Error): Promise<Error> {
    const message = `cluster ${inputs.name} could not be made: ${error.message}`;
    const left = await look(runtime, inputs).catch(() => undefined);
    if (left?.own.length !== 0) {
        return new PartialFailure(message, inputs.name, inputs);
    }
    await removeFiles(inputs);
    return new Error(message);
}

/** Starts what is stopped, and makes the workers those that are wanted. */
async function repair(runtime: Runtime, inputs: KindInputs, call: Call): Promise<void> {
    const { signal } = call;
    const world = await look(runtime, inputs, call);
    refuseForeign(world, inputs, runtime.name);
    const controlPlane = world.own.find(({ name }) => name === inputs.nodes[0]);
    if (!controlPlane) {
        throw new Error(`container ${inputs.nodes[0] ?? ""} is gone; run \`pulumi up\` once more`);
    }
    for (const container of world.own.filter(({ state }) => state !== "running")) {
        call.log("status", `starting ${container.name}`);
        await runtime.start(container, { signal });
    }
    const nodes = await apiNodes(runtime, controlPlane.name, signal);
    // A killed run may have left a worker that never joined; it is no better than none.
    const kept = world.own.filter(
        (container) =>
            container === controlPlane ||
            (inputs.nodes.includes(container.name) &&
                nodes.some(({ name }) => name === container.name)),
    );
    const keeps = (node: string) => kept.some(({ name }) => name === node);
    const { network, cniPlugins } = inputs;
    const host = { runtime, controlPlane, network, cniPlugins, signal };
    const useless = world.own.filter((container) => !kept.includes(container));
    for (const { name } of useless.filter(({ name }) => inputs.nodes.includes(name))) {
        call.log("info", `worker ${name} never joined; it is made anew`);
    }
    await runtime.remove(useless, call);
    // Only nodes that were made here: what else is registered, a simulated node say, is the user's.
    const made = nodes.filter(({ labels }) => LABELS.spec in labels).map(({ name }) => name);
    await deleteNodes(
        host,
        made.filter((node) => !keeps(node)),
    );
    await addWorkers(
        host,
        inputs.nodes.filter((node) => !keeps(node)),
    );
}

/** Brings memory limits and the kubeconfig file in line, and tells what the cluster is like now. */
async function finish(runtime: Runtime, inputs: KindInputs, call: Call): Promise<KindOutputs> {
    const own = await runtime.containers({ names: inputs.nodes }, call);
    const bytes = parseBytes(inputs.memory) ?? 0;
    for (const { name } of own.filter(({ memory }) => memory !== bytes)) {
        await runtime.setMemory(name, bytes, call);
    }
    const kubeconfig = await exec("kind", ["get", "kubeconfig", "--name", inputs.name], {
        env: cleanEnv(runtime.kindEnv(inputs.network)),
        signal: call.signal,
    });
    await writeKubeconfig(inputs.kubeconfigPath, kubeconfig);
    const nodeAddresses = addressesOf(own, inputs.network);
    const { ca, endpoint } = readKubeconfig(kubeconfig);
    return { ...inputs, ca, endpoint, kubeconfig, nodeAddresses };
}

/** What an update will give: addresses are known unless a node has to be started or made first. */
function expected(outputs: KindOutputs, inputs: KindInputs, own: Container[]): KindOutputs {
    const nodeAddresses = addressesOf(
        own.filter(({ name }) => inputs.nodes.includes(name)),
        inputs.network,
    );
    const known = inputs.nodes.every((node) => node in nodeAddresses);
    const { kubeconfig, ca, endpoint } = outputs;
    return {
        ...inputs,
        kubeconfig,
        ca,
        endpoint,
        nodeAddresses: known ? nodeAddresses : (UNKNOWN as unknown as Record<string, string>),
    };
}

/** Address of each running node by name, in the order of the names. */
function addressesOf(own: Container[], network: string): Record<string, string> {
    const running = own
        .map(({ name, networks }) => [name, networks[network] ?? ""] as const)
        .filter(([, address]) => address !== "");
    return Object.fromEntries(running.sort(([a], [b]) => (a < b ? -1 : 1)));
}
