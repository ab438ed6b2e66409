import { join } from "node:path";
import { disown } from "../../provider/helm/damage.ts";
import { look } from "../../provider/kind/world.ts";
import { KubeApi } from "../../provider/kube/api.ts";
import { readKubeconfig } from "../../provider/kube/kubeconfig.ts";
import type { KindInputs } from "../../provider/kind/spec.ts";
import type { RuntimeName } from "../../provider/runtime/runtime.ts";
import { engineProgram } from "../../system/engineProgram.ts";
import { runtime } from "../../provider/runtime/runtimes.ts";
import { recordedState } from "./checkpoint.ts";
import {
    interruptedClusters,
    unrecorded,
    withRecord,
    type InterruptedCluster,
} from "./interrupted.ts";
import { ENGINE, locksOn, removeLocks, type Lock } from "./locks.ts";
import { kill, orphans } from "./orphans.ts";
import { run } from "../../system/process.ts";
import { STATE_DIR, PROJECT } from "../project.ts";
import type { Stack, StateResource } from "./stack.ts";
import { alone } from "./stateLock.ts";
import { patient } from "../../plan/patience.ts";

/** Milliseconds for a cluster's API to answer: it may have been started a moment ago. */
const API_TIMEOUT = patient(60_000);

type Say = (line: string) => void;

/**
 * Whether the last update of this stack did not come to its end: it left a lock, plugins, unfinished operations, or a
 * state that had to be put back.
 */
export async function wasInterrupted(stack: Stack): Promise<boolean> {
    const { place } = stack;
    if (place && locksOn(place).running.length > 0) {
        return false; // Pulumi says so itself
    }
    if (
        stack.isRestored ||
        (place && locksOn(place).stale.length > 0) ||
        leftPlugins().length > 0
    ) {
        return true;
    }
    const state = place ? recordedState(place) : (await stack.state()).deployment;
    return (state?.pending_operations ?? []).length > 0;
}

/**
 * Clears what an interrupted update left in the way of the next one. Touches nothing that is recorded in the state, and
 * nothing that the state does not name as this stack's:
 * - the lock, if its process is gone;
 * - plugins that outlived their engine: what they were about, such as an installation, would go on beside the next one;
 * - Helm's record of releases that were being installed, or that a state put back does not know: the next install adopts the objects, which bear the release's
 *   name (one that was being upgraded is healed by the cluster's inventory);
 * - the state's list of operations that were under way.
 * A container network that was made but not recorded is recorded. So are, with `clusters`, those of which there are
 * containers: a following `pulumi destroy` finds them, while `pulumi up` has no need of it, as it adopts them.
 */
export function recover(stack: Stack, say: Say, clusters: boolean): Promise<void> {
    return alone(() => recoverLocked(stack, say, clusters));
}

async function recoverLocked(stack: Stack, say: Say, clusters: boolean): Promise<void> {
    unlock(stack, say);
    const left = leftPlugins();
    if (left.length > 0) {
        say(`Ending plugins that outlived their engine: ${left.join(", ")}.`);
        await kill(left);
    }
    let state = await stack.state();
    const pending = state.deployment.pending_operations ?? [];
    if (!stack.place) {
        // Takes Pulumi's own lock, wherever it is: beside a running update this fails before anything is touched.
        await stack.replaceState(state);
    }
    for (const { type, resource } of pending) {
        say(`It ended while ${type} ${resource.urn.split("::").at(-1)} (${resource.type}).`);
    }
    for (const cluster of interruptedClusters(state)) {
        await disownReleases(cluster, stack.env["PATH"] ?? "", say);
    }
    for (const network of unrecorded(state, "network")) {
        const id = await networkId(network, stack.env);
        if (id !== undefined) {
            say(
                `The container network ${String(network.inputs?.["name"])} was made: recording it.`,
            );
            state = withRecord(state, network, id);
        }
    }
    for (const cluster of clusters ? unrecorded(state, "cluster") : []) {
        const inputs = cluster.inputs as KindInputs;
        const { own } = await look(runtime(inputs.runtime), inputs);
        if (own.length > 0) {
            say(`Containers of the cluster ${inputs.name} were made: recording it.`);
            state = withRecord(state, cluster, inputs.name);
        }
    }
    if (pending.length > 0) {
        await stack.replaceState(state);
    }
}

/** Throws if an update runs; gives up locks that were left behind. */
export function unlock({ place, name, reference }: Stack, say: Say): void {
    if (!place) {
        return;
    }
    const { running, stale } = locksOn(place);
    const holders = (locks: Lock[]) => locks.map(({ holder }) => holder).join("; ");
    if (running.length > 0) {
        throw new Error(
            `Another update of the stack "${name}" is running: ${holders(running)}. Wait for its end; if you know ` +
                `that it is gone: pulumi cancel --stack ${reference}`,
        );
    }
    if (stale.length > 0) {
        say(`Removing the lock of an update that is gone: ${holders(stale)}.`);
        removeLocks(stale);
    }
}

function leftPlugins(): number[] {
    return orphans(join(STATE_DIR, "home", "plugins"), PROJECT, ENGINE);
}

/** Of a cluster that is gone nothing is in the way; one that was stopped is started, as the next update would. */
async function disownReleases(cluster: InterruptedCluster, path: string, say: Say): Promise<void> {
    const engine = runtime(cluster.runtime as RuntimeName);
    const [controlPlane] = await engine.containers({ names: [cluster.controlPlane] });
    if (!controlPlane) {
        return;
    }
    if (controlPlane.state !== "running") {
        say(`Starting ${controlPlane.name}, to look at what was interrupted in it.`);
        await engine.start(controlPlane);
    }
    const env = { PATH: path, ...engine.kindEnv(cluster.network) };
    // Not the file of it, which may be gone.
    const kubeconfig = readKubeconfig(
        await run("kind", ["get", "kubeconfig", "--name", cluster.name], { env }),
    );
    if (kubeconfig.ca !== cluster.ca) {
        return;
    }
    const signal = AbortSignal.timeout(2 * API_TIMEOUT);
    const api = new KubeApi(kubeconfig, { signal, timeout: API_TIMEOUT });
    await disown(api, cluster.releases);
    const names = cluster.releases.map(({ namespace, name }) => `${namespace}/${name}`).join(", ");
    say(`What there is in ${cluster.name} of the Helm releases ${names}, the next install adopts.`);
}

/** The id of a network that bears just the labels, the time of its creation included, that it was being made with. */
async function networkId(
    { inputs }: StateResource,
    env: NodeJS.ProcessEnv,
): Promise<string | undefined> {
    const host = { DOCKER_HOST: env["DOCKER_HOST"] ?? "" };
    const given = (inputs?.["labels"] ?? []) as { label: string; value: string }[];
    const filters = given.flatMap(({ label, value }) => ["--filter", `label=${label}=${value}`]);
    const args = ["network", "ls", "--no-trunc", "--format", "{{.ID}} {{.Name}}", ...filters];
    const lines = (await run(engineProgram(), args, { env: host })).trim().split("\n");
    const found = lines
        .map((line) => line.split(" "))
        .filter(([, name]) => name === inputs?.["name"]);
    return given.length > 0 ? found[0]?.[0] : undefined;
}
