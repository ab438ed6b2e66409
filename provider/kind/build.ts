import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { cleanEnv, exec } from "../exec.ts";
import type { Call } from "../resource.ts";
import type { Container, Runtime } from "../runtime/runtime.ts";
import { apiNodes, isFurnished, isInitialized } from "./api.ts";
import { labelledConfig, LABELS, specHash } from "./spec.ts";
import type { KindInputs } from "./spec.ts";
import { look } from "./world.ts";

/** Milliseconds that kind may take for one cluster. */
const CREATE_TIME = 15 * 60_000;

/** Milliseconds for removing what a failed creation left. */
const CLEANUP_TIME = 120_000;

/**
 * Has kind make the cluster. `lock` is the descriptor of the held lock file: kind inherits it, so that the lock lives as
 * long as kind does. When it fails or is cancelled, what it made is removed again.
 */
export async function build(
    runtime: Runtime,
    inputs: KindInputs,
    call: Call,
    lock: number,
): Promise<void> {
    await requireNetwork(runtime, inputs.network, call.signal);
    // kind insists on writing a kubeconfig; this keeps it away from the user's own.
    const scratch = await mkdtemp(join(tmpdir(), "multinet-kind-"));
    const flags = {
        name: inputs.name,
        config: "-",
        image: inputs.image,
        kubeconfig: join(scratch, "kubeconfig"),
    };
    const args = Object.entries(flags).flatMap(([flag, value]) => [`--${flag}`, value]);
    try {
        await exec("kind", ["create", "cluster", ...args], {
            env: cleanEnv(runtime.kindEnv(inputs.network)),
            input: labelledConfig(inputs),
            inherit: lock,
            signal: call.signal,
            timeout: CREATE_TIME,
            onLine: (line) => {
                call.log("status", line.trim());
            },
        });
    } catch (error) {
        const left = await removeOwn(runtime, inputs).catch((error: unknown) => error as Error);
        throw left ? new Error(`${(error as Error).message}\n${left.message}`) : error;
    } finally {
        await rm(scratch, { recursive: true, force: true });
    }
}

/** Without this, kind would make a network of that name with an address range of its own. */
async function requireNetwork(
    runtime: Runtime,
    network: string,
    signal: AbortSignal,
): Promise<void> {
    const networks = await runtime.networks({ signal });
    if (!networks.some(({ name }) => name === network)) {
        throw new Error(
            `the container network ${network} does not exist (deleted outside Pulumi?); ` +
                "`pulumi up` makes it again",
        );
    }
}

/** Removes the cluster's own containers, with a time limit of its own: the call may be cancelled already. */
async function removeOwn(runtime: Runtime, inputs: KindInputs): Promise<void> {
    const limits = { signal: AbortSignal.timeout(CLEANUP_TIME) };
    const { own } = await look(runtime, inputs, limits);
    await runtime.remove(own, limits);
}

/**
 * Why the containers that are there cannot simply be taken over as this cluster; undefined if they can. Stopped ones are
 * started to find out.
 */
export async function unfit(
    runtime: Runtime,
    inputs: KindInputs,
    own: Container[],
    signal: AbortSignal,
): Promise<string | undefined> {
    const names = own.map(({ name }) => name).sort();
    if (names.join() !== [...inputs.nodes].sort().join()) {
        return `has containers ${names.join(", ")}, not ${inputs.nodes.join(", ")}`;
    }
    for (const container of own.filter(({ state }) => state !== "running")) {
        await runtime.start(container, { signal });
    }
    const controlPlane = inputs.nodes[0] ?? "";
    if (!(await isInitialized(runtime, controlPlane, signal))) {
        return "was left half-made";
    }
    const nodes = await apiNodes(runtime, controlPlane, signal).catch((error: unknown) => {
        signal.throwIfAborted();
        return (error as Error).message;
    });
    if (typeof nodes === "string") {
        return `has an API that does not answer (${nodes})`;
    }
    if (!(await isFurnished(runtime, controlPlane, signal))) {
        return "was left half-made";
    }
    const missing = inputs.nodes.filter((node) => !nodes.some(({ name }) => name === node));
    if (missing.length > 0) {
        return `has nodes that never joined: ${missing.join(", ")}`;
    }
    const spec = specHash(inputs);
    const others = nodes.filter(({ labels }) => labels[LABELS.spec] !== spec);
    return others.length > 0 ? "was made from another specification" : undefined;
}
