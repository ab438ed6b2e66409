import { mkdir, rm } from "node:fs/promises";
import { join, resolve } from "node:path";
import { CommandFailed } from "../../system/process.ts";
import { exec } from "../exec.ts";
import type { Call } from "../resource.ts";
import type { Runtime } from "../runtime/runtime.ts";
import { labelledConfig } from "./spec.ts";
import type { KindInputs } from "./spec.ts";
import { look } from "./world.ts";
import { patient } from "../../plan/patience.ts";

/** Milliseconds that kind may take for one cluster. */
const CREATE_TIME = 15 * 60_000;

/** What kind says before it makes anything, if another run was faster. */
const ALREADY_THERE = /already exist for a cluster/;

/** Milliseconds for removing what a failed creation left. */
const CLEANUP_TIME = patient(120_000);

/**
 * Has kind make the cluster. `lock` is the descriptor of the held lock file: the lock lives as long as kind does, also
 * when this process is killed, but no longer: kind does not get it, as Podman's name server, which the first
 * `podman run` starts, would keep it for as long as there are containers. When it fails or is cancelled, what it made
 * is removed again.
 */
export async function build(
    runtime: Runtime,
    inputs: KindInputs,
    call: Call,
    lock: number,
): Promise<void> {
    await requireNetwork(runtime, inputs.network, call.signal);
    // kind insists on writing a kubeconfig; this keeps it away from the user's own.
    const scratch = scratchFolder(inputs);
    await removeScratch(inputs);
    await mkdir(scratch, { recursive: true, mode: 0o700 });
    const flags = {
        name: inputs.name,
        config: "-",
        image: inputs.image,
        kubeconfig: join(scratch, "kubeconfig"),
    };
    const args = Object.entries(flags).flatMap(([flag, value]) => [`--${flag}`, value]);
    try {
        await exec("kind", ["create", "cluster", ...args], {
            env: runtime.kindEnv(inputs.network),
            input: labelledConfig(inputs),
            hold: lock,
            signal: call.signal,
            timeout: CREATE_TIME,
            onLine: (line) => {
                call.log("status", line.trim());
            },
        });
    } catch (error) {
        if (error instanceof CommandFailed && ALREADY_THERE.test(error.stderr)) {
            throw error; // made by another run meanwhile
        }
        const left = await removeOwn(runtime, inputs).catch((error: unknown) => error as Error);
        throw left ? new Error(`${(error as Error).message}\n${left.message}`) : error;
    } finally {
        await removeScratch(inputs);
    }
}

/** Has a fixed place, so that what a killed run left there is removed by the next one; only for the lock's holder. */
function scratchFolder({ kubeconfigPath }: KindInputs): string {
    return `${resolve(kubeconfigPath)}.kind`;
}

export async function removeScratch(inputs: KindInputs): Promise<void> {
    await rm(scratchFolder(inputs), { recursive: true, force: true });
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
