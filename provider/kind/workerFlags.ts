import type { Container, RuntimeName } from "../runtime/runtime.ts";
import { CNI_PLUGINS } from "./spec.ts";
import { CLUSTER_LABEL } from "./world.ts";

/** What a node keeps is in here, as kind has it: images, pods, etcd. Each has its own. */
const DATA = "/var";

/** What kind v0.30 gives every node, where its providers differ. */
const FLAGS: Record<RuntimeName, string[]> = {
    docker: [
        ...["--security-opt", "seccomp=unconfined"],
        ...["--security-opt", "apparmor=unconfined"],
        ...["--volume", DATA],
        "--restart=on-failure:1",
        "--init=false",
    ],
    // Its volumes hold neither programs nor devices otherwise. kind makes a named one, for which it has to tidy up.
    podman: ["--mount", `type=volume,destination=${DATA},suid,exec,dev`],
};

/** What a worker needs to know of its cluster. */
interface Host {
    controlPlane: Container;
    network: string;
    /** See KindClusterArgs in sdk.ts. */
    cniPlugins: string | undefined;
}

/** The engine's flags for a worker: kind's fixed ones, and what the control plane was given for this host. */
export function workerArgs(
    runtime: RuntimeName,
    name: string,
    { controlPlane, network, cniPlugins }: Host,
): string[] {
    const { devices, sysctls, userns, labels, image } = controlPlane;
    // The project may have been moved since the control plane was made.
    const own = [DATA, CNI_PLUGINS];
    const binds = controlPlane.binds.filter((bind) => !own.includes(bind.split(":")[1] ?? ""));
    if (cniPlugins !== undefined) {
        binds.push(`${cniPlugins}:${CNI_PLUGINS}:ro`);
    }
    return [
        ...["--hostname", name],
        ...["--label", "io.x-k8s.kind.role=worker"],
        ...["--label", `${CLUSTER_LABEL}=${labels[CLUSTER_LABEL] ?? ""}`],
        ...["--net", network],
        "--privileged",
        ...["--tmpfs", "/tmp"],
        ...["--tmpfs", "/run"],
        "--tty",
        "--cgroupns=private",
        ...FLAGS[runtime],
        ...binds.flatMap((bind) => ["--volume", bind]),
        ...devices.flatMap((device) => ["--device", device]),
        ...Object.entries(sysctls).flatMap(([key, value]) => ["--sysctl", `${key}=${value}`]),
        ...(userns ? [`--userns=${userns}`] : []),
        image,
    ];
}

/** A worker's environment, the proxies of this host among it, which may have passwords. */
export function workerEnv({ env }: Pick<Container, "env">): string[] {
    // Where the control plane finds its own administrator's kubeconfig, which a worker lacks; and in Podman its name.
    const own = /^(KUBECONFIG|HOSTNAME)=/;
    return env.filter((pair) => !own.test(pair) && !pair.includes("\n"));
}
