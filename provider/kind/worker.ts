import { setTimeout } from "node:timers/promises";
import { parseAllDocuments, stringify } from "yaml";
import { CommandFailed } from "../../system/process.ts";
import { exec, falseIfFailed } from "../exec.ts";
import type { Call } from "../resource.ts";
import type { Container, Runtime } from "../runtime/runtime.ts";
import { adminKubectl } from "./api.ts";
import { closeGate, gatekeepers } from "./gate.ts";
import { type Registries, writeRegistries } from "./registries.ts";
import { workerArgs, workerEnv } from "./workerFlags.ts";
import { patient } from "../../plan/patience.ts";

/** The cluster that a worker joins or leaves. */
export interface Host {
    runtime: Runtime;
    controlPlane: Container;
    /** Its name for kind. */
    cluster: string;
    network: string;
    /** See KindClusterArgs in sdk.ts. */
    cniPlugins: string | undefined;
    archives: string[];
    registries: Registries | undefined;
    call: Call;
}

/** The configuration kubeadm reads on a kind node. */
const KUBEADM_CONFIG = "/kind/kubeadm.conf";

/** kind waits for one of these lines before it execs into a node. */
const BOOTED = /Reached target .*Multi-User System|detected cgroup v1/;

/** Milliseconds for a node to boot, and between two looks at it. */
const BOOT_TIME = patient(30_000);
const BOOT_PAUSE = 200;

/** Milliseconds for `kubeadm join`. */
const JOIN_TIME = 240_000;

/** Milliseconds for `docker run`, and for loading one image archive. */
const RUN_TIME = 120_000;
const LOAD_TIME = 10 * 60_000;

/** Adds workers, all at the same time. It returns when the last is done, so that nothing goes on behind a failure. */
export async function addWorkers(host: Host, names: string[]): Promise<void> {
    if (names.length === 0) {
        return;
    }
    const gated = (await gatekeepers(host)).length > 0;
    const outcomes = await Promise.allSettled(names.map((name) => addWorker(host, name, gated)));
    const failures = outcomes.flatMap((one) =>
        one.status === "rejected" ? [(one.reason as Error).message] : [],
    );
    if (failures.length > 0) {
        throw new Error(failures.join("\n"));
    }
}

/**
 * Makes one more worker the way kind v0.30 does at creation (it has no command for it) and joins it to the cluster.
 * What depends on the host (extra mounts, devices, user namespace, proxies) is taken from the control plane.
 */
async function addWorker(host: Host, name: string, gated: boolean): Promise<void> {
    const { runtime, controlPlane, call } = host;
    const { signal } = call;
    call.log("status", `adding ${name}`);
    let id: string | undefined;
    try {
        const limits = { signal, timeout: RUN_TIME };
        id = await runtime.run(
            name,
            workerArgs(runtime.name, name, host),
            workerEnv(controlPlane),
            limits,
        );
        await booted(host, name);
        await writeRegistries(runtime, [name], { now: host.registries }, call);
        await loadArchives(host, name);
        if (gated) {
            await closeGate(host, name);
        }
        await join(host, name);
    } catch (error) {
        await removeMade(runtime, id ?? printedId(error));
        throw new Error(`worker ${name} could not be added: ${(error as Error).message}`);
    }
}

async function join(host: Host, name: string): Promise<void> {
    const { runtime, controlPlane, network } = host;
    const { signal } = host.call;
    const [created] = await runtime.containers({ names: [name] }, { signal });
    const address = created?.networks[network];
    if (!address) {
        throw new Error(`container ${name} has no address on network ${network}`);
    }
    const token = await joinToken(host);
    const template = await runtime.exec(controlPlane.name, ["cat", KUBEADM_CONFIG], { signal });
    const config = joinConfig(template, { name, address, token });
    const write = ["cp", "/dev/stdin", KUBEADM_CONFIG];
    await runtime.exec(name, write, { signal, input: config, secrets: [token] });
    await runtime.exec(name, ["kubeadm", "join", "--config", KUBEADM_CONFIG], {
        signal,
        timeout: JOIN_TIME,
        secrets: [token],
    });
}

/** The id that the engine printed before it failed to start what it had made. */
function printedId(error: unknown): string | undefined {
    return error instanceof CommandFailed ? /^[0-9a-f]{64}$/m.exec(error.stdout)?.[0] : undefined;
}

/** Removes just the container that was made here: another may have that name. */
async function removeMade(runtime: Runtime, id: string | undefined): Promise<void> {
    if (id !== undefined) {
        await runtime.remove(await runtime.containers({ names: [id] }));
    }
}

/** Pods may need these images as soon as the node has joined. */
async function loadArchives(
    { runtime, cluster, network, archives, call }: Host,
    node: string,
): Promise<void> {
    for (const archive of archives) {
        call.log("status", `loading ${archive} into ${node}`);
        const to = ["--name", cluster, "--nodes", node];
        await exec("kind", ["load", "image-archive", archive, ...to], {
            env: runtime.kindEnv(network),
            signal: call.signal,
            timeout: LOAD_TIME,
        });
    }
}

/**
 * Takes nodes out of the cluster. Their containers must be gone, or their kubelets register them again. So are their
 * pods: a node of the same name would run them otherwise, before it has what they need.
 */
export async function deleteNodes(host: Host, names: string[]): Promise<void> {
    const { runtime, controlPlane, call } = host;
    if (names.length === 0) {
        return;
    }
    const args = ["delete", "node", ...names, "--ignore-not-found", "--wait=false"];
    await adminKubectl(runtime, controlPlane.name, args, call.signal);
    const force = ["--all-namespaces", "--force", "--grace-period=0", "--wait=false"];
    for (const name of names) {
        const pods = ["delete", "pods", `--field-selector=spec.nodeName=${name}`, ...force];
        await adminKubectl(runtime, controlPlane.name, pods, call.signal);
    }
}

async function joinToken({ runtime, controlPlane, call: { signal } }: Host): Promise<string> {
    const argv = ["kubeadm", "token", "create", "--ttl=15m"];
    return (await runtime.exec(controlPlane.name, argv, { signal })).trim();
}

/**
 * kind's line may come before its entry script has moved the node to another DNS server, and a join fails then. Services
 * run only after that.
 */
async function booted({ runtime, call: { signal } }: Host, name: string): Promise<void> {
    const deadline = performance.now() + BOOT_TIME;
    const logged = async () => BOOTED.test(await runtime.logs(name, { signal }));
    const active = async () =>
        runtime
            .exec(name, ["systemctl", "is-active", "--quiet", "containerd"], { signal })
            .then(() => true, falseIfFailed);
    while (!((await logged()) && (await active()))) {
        if (performance.now() > deadline) {
            throw new Error(`container ${name} did not boot within ${BOOT_TIME / 1000} s`);
        }
        await setTimeout(BOOT_PAUSE, undefined, { signal });
    }
}

type KubeadmDocument = {
    kind: string;
    controlPlane?: unknown;
    nodeRegistration: { kubeletExtraArgs: Record<string, string> | ExtraArgument[] };
    discovery: { bootstrapToken: { token: string } };
};
type ExtraArgument = { name: string; value: string };

/** The control plane's kubeadm configuration, made into one for another worker of the same cluster. */
export function joinConfig(
    template: string,
    worker: { name: string; address: string; token: string },
): string {
    const documents = parseAllDocuments(template).map((one) => one.toJS() as KubeadmDocument);
    const join = documents.find(({ kind }) => kind === "JoinConfiguration");
    if (!join) {
        throw new Error(`${KUBEADM_CONFIG} of the control plane has no JoinConfiguration`);
    }
    delete join.controlPlane;
    join.discovery.bootstrapToken.token = worker.token;
    const { nodeRegistration } = join;
    const replace = (argument: string, value: string): string => {
        if (argument === "node-ip") {
            return worker.address;
        }
        return argument === "provider-id" ? value.replace(/[^/]*$/, worker.name) : value;
    };
    const extra = nodeRegistration.kubeletExtraArgs;
    nodeRegistration.kubeletExtraArgs = Array.isArray(extra)
        ? extra.map(({ name, value }) => ({ name, value: replace(name, value) }))
        : Object.fromEntries(
              Object.entries(extra).map(([name, value]) => [name, replace(name, value)]),
          );
    return documents.map((document) => stringify(document)).join("---\n");
}
