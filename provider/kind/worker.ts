import { setTimeout } from "node:timers/promises";
import { parseAllDocuments, stringify } from "yaml";
import { CommandFailed } from "../exec.ts";
import type { Container, Runtime } from "../runtime/runtime.ts";
import { adminKubectl } from "./api.ts";
import { CNI_PLUGINS } from "./spec.ts";
import { CLUSTER_LABEL } from "./world.ts";

/** The cluster that a worker joins or leaves. */
export interface Host {
    runtime: Runtime;
    controlPlane: Container;
    network: string;
    /** See KindClusterArgs in sdk.ts. */
    cniPlugins: string | undefined;
    signal: AbortSignal;
}

/** The configuration kubeadm reads on a kind node. */
const KUBEADM_CONFIG = "/kind/kubeadm.conf";

/** kind waits for one of these lines before it execs into a node. */
const BOOTED = /Reached target .*Multi-User System|detected cgroup v1/;

/** Milliseconds for a node to boot, and between two looks at it. */
const BOOT_TIME = 30_000;
const BOOT_PAUSE = 200;

/** Milliseconds for `kubeadm join`. */
const JOIN_TIME = 240_000;

/** Adds workers, all at the same time. It returns when the last is done, so that nothing goes on behind a failure. */
export async function addWorkers(host: Host, names: string[]): Promise<void> {
    const outcomes = await Promise.allSettled(names.map((name) => addWorker(host, name)));
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
async function addWorker(host: Host, name: string): Promise<void> {
    const { runtime, controlPlane, network, signal } = host;
    try {
        await runtime.run(name, workerArgs(name, host), { signal, timeout: 120_000 });
        await booted(host, name);
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
    } catch (error) {
        await runtime.remove(await runtime.containers({ names: [name] }));
        throw new Error(`worker ${name} could not be added: ${(error as Error).message}`);
    }
}

/** Takes nodes out of the cluster. Their containers have to be gone, or their kubelets register them again. */
export async function deleteNodes(host: Host, names: string[]): Promise<void> {
    const { runtime, controlPlane, signal } = host;
    if (names.length > 0) {
        const args = ["delete", "node", ...names, "--ignore-not-found", "--wait=false"];
        await adminKubectl(runtime, controlPlane.name, args, signal);
    }
}

async function joinToken({ runtime, controlPlane, signal }: Host): Promise<string> {
    const argv = ["kubeadm", "token", "create", "--ttl=15m"];
    return (await runtime.exec(controlPlane.name, argv, { signal })).trim();
}

/**
 * kind's line may come before its entry script has moved the node to another DNS server, and a join fails then. Services
 * run only after that.
 */
async function booted({ runtime, signal }: Host, name: string): Promise<void> {
    const deadline = Date.now() + BOOT_TIME;
    const logged = async () => BOOTED.test(await runtime.logs(name, { signal }));
    const active = async () =>
        runtime
            .exec(name, ["systemctl", "is-active", "--quiet", "containerd"], { signal })
            .then(() => true, isUnsuccessful);
    while (!((await logged()) && (await active()))) {
        if (Date.now() > deadline) {
            throw new Error(`container ${name} did not boot within ${BOOT_TIME / 1000} s`);
        }
        await setTimeout(BOOT_PAUSE, undefined, { signal });
    }
}

function isUnsuccessful(error: unknown): false {
    if (error instanceof CommandFailed) {
        return false;
    }
    throw error;
}

/** The engine's flags for a worker: kind's fixed ones, and what the control plane was given for this host. */
export function workerArgs(
    name: string,
    { controlPlane, network, cniPlugins }: Pick<Host, "controlPlane" | "network" | "cniPlugins">,
): string[] {
    const { devices, sysctls, env, userns, labels, image } = controlPlane;
    // The project may have been moved since the control plane was made.
    const binds = controlPlane.binds.filter((bind) => bind.split(":")[1] !== CNI_PLUGINS);
    if (cniPlugins !== undefined) {
        binds.push(`${cniPlugins}:${CNI_PLUGINS}:ro`);
    }
    const fixed = [
        ["--hostname", name],
        ["--label", "io.x-k8s.kind.role=worker"],
        ["--label", `${CLUSTER_LABEL}=${labels[CLUSTER_LABEL] ?? ""}`],
        ["--net", network],
        ["--privileged"],
        ["--security-opt", "seccomp=unconfined"],
        ["--security-opt", "apparmor=unconfined"],
        ["--tmpfs", "/tmp"],
        ["--tmpfs", "/run"],
        ["--volume", "/var"],
        ["--tty"],
        ["--restart=on-failure:1"],
        ["--init=false"],
        ["--cgroupns=private"],
    ];
    return [
        ...fixed.flat(),
        ...binds.flatMap((bind) => ["--volume", bind]),
        ...devices.flatMap((device) => ["--device", device]),
        ...Object.entries(sysctls).flatMap(([key, value]) => ["--sysctl", `${key}=${value}`]),
        // Where the control plane finds its own administrator's kubeconfig; a worker has none.
        ...env.filter((pair) => !pair.startsWith("KUBECONFIG=")).flatMap((pair) => ["--env", pair]),
        ...(userns ? [`--userns=${userns}`] : []),
        image,
    ];
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
