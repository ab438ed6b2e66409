import { rmSync } from "node:fs";
import { join } from "node:path";
import { bridgeName, kindName, nodeName, type Owner } from "../plan/names.ts";
import { runtime } from "../provider/runtime/runtimes.ts";
import { run } from "../system/process.ts";
import { STATE_DIR } from "../cli/project.ts";
import { STACK } from "./programStack.ts";

/** The stack that is measured. */
export const OWNER: Owner = { project: "multinet", stack: STACK };

/** Kind names of the clusters of the plain script, and of clusters without anything in them. */
export const PLAIN = ["plain1", "plain2"].map((name) => kindName(OWNER, name));
export const BARE = ["bare1", "bare2"].map((name) => kindName(OWNER, name));

/** Docker network of the clusters that kind makes for us, so that the user's own is left alone. */
export const NETWORK = `${bridgeName(OWNER)}-plain`;

/** Makes kind use that network. */
export const kindEnvironment = { KIND_EXPERIMENTAL_DOCKER_NETWORK: NETWORK };

/** Where the measured stack puts its kubeconfig files. */
export const KUBECONFIGS = join(STATE_DIR, "kubeconfigs", STACK);

export async function createNetwork(signal: AbortSignal): Promise<void> {
    await run("docker", ["network", "create", NETWORK], { signal });
}

/** Creates a cluster and waits until its nodes are Ready. */
export async function createBare(
    name: string,
    image: string,
    folder: string,
    signal: AbortSignal,
): Promise<void> {
    const kubeconfig = join(folder, `${name}.yaml`);
    const create = [
        "create",
        "cluster",
        "--name",
        name,
        "--image",
        image,
        "--kubeconfig",
        kubeconfig,
    ];
    await run("kind", create, { env: kindEnvironment, signal });
    const ready = ["wait", "--for", "condition=Ready", "node", "--all", "--timeout", "180s"];
    await run("kubectl", ["--kubeconfig", kubeconfig, ...ready], { signal });
}

/** Deletes clusters in one command. kind wants a kubeconfig to remove their entries from: not the user's own. */
export async function deleteClusters(
    names: string[],
    folder: string,
    signal?: AbortSignal,
): Promise<void> {
    const kubeconfig = join(folder, "none.yaml");
    const args = ["delete", "clusters", "--kubeconfig", kubeconfig, ...names];
    const options = signal ? { signal } : {};
    await run("kind", args, options);
    // kind says nothing of a container that it could not remove.
    const engine = runtime("docker");
    const left = await engine.containers(
        { names: names.map((name) => nodeName(name, 1)) },
        options,
    );
    await engine.remove(left, options);
}

/** Throws if clusters or networks of a benchmark are there already. */
export async function refuseLeftovers(clusters: string[], signal: AbortSignal): Promise<void> {
    const { kind, networks } = await leftovers(clusters, signal);
    if (kind.length + networks.length === 0) {
        return;
    }
    const fix = [
        ...(kind.length > 0 ? [`kind delete clusters ${kind.join(" ")}`] : []),
        ...(networks.length > 0 ? [`docker network rm ${networks.join(" ")}`] : []),
    ];
    throw new Error(
        `${[...kind, ...networks].join(", ")}: there already, left by a benchmark that was killed, or yours. The ` +
            `benchmark uses these names and would measure something else. If they can go:\n  ${fix.join("\n  ")}`,
    );
}

/** Removes every cluster, network and kubeconfig file of a benchmark, whatever is there of them. */
export async function sweep(clusters: string[], folder: string): Promise<void> {
    // Once more until nothing is found: the engine may still be making what a killed program asked for.
    for (;;) {
        const { kind, networks } = await leftovers(clusters);
        if (kind.length + networks.length === 0) {
            break;
        }
        if (kind.length > 0) {
            await deleteClusters(kind, folder);
        }
        if (networks.length > 0) {
            await run("docker", ["network", "rm", ...networks]);
        }
    }
    rmSync(KUBECONFIGS, { recursive: true, force: true });
}

async function leftovers(clusters: string[], signal?: AbortSignal) {
    const options = signal ? { signal } : {};
    const [kind, networks] = await Promise.all([
        run("kind", ["get", "clusters"], options),
        run("docker", ["network", "ls", "--format", "{{.Name}}"], options),
    ]);
    const present = (text: string, names: string[]) => {
        const lines = text.split("\n");
        return names.filter((name) => lines.includes(name));
    };
    return {
        kind: present(kind, [...PLAIN, ...BARE, ...clusters]),
        networks: present(networks, [NETWORK, bridgeName(OWNER)]),
    };
}
