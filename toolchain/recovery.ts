import { join, resolve } from "node:path";
import { staleLocks } from "./locks.ts";
import { kill, orphans } from "./orphans.ts";
import { run } from "./process.ts";
import { OWN, PROJECT } from "./project.ts";
import { PROJECT_NAME, type Stack, type State, type StateResource } from "./stack.ts";

/** Whether an update of this stack was killed: its lock is there, its process is not. */
export function wasKilled(stack: Stack): boolean {
    const stale = staleLocks(stack.env["PULUMI_BACKEND_URL"], PROJECT_NAME, stack.name);
    return stale !== undefined && stale.length > 0;
}

/**
 * Clears what a killed update left in the way of the next one. It takes no cluster to answer, and touches nothing that
 * is recorded in the state:
 * - the lock, if its process is gone;
 * - plugins that outlived their engine: what they were about, such as an installation, would go on beside the next one;
 * - Helm's record of releases that were being installed or upgraded, or were installed but not recorded: the next
 *   install takes over the objects, which bear the release's name;
 * - a container network that was made but not recorded;
 * - the state's list of operations that were under way.
 * Clusters need nothing here: their provider adopts or replaces what it finds.
 */
export async function recover(stack: Stack, say: (line: string) => void): Promise<void> {
    const stale = staleLocks(stack.env["PULUMI_BACKEND_URL"], PROJECT_NAME, stack.name);
    if (stale === undefined) {
        throw new Error(
            `Another update of the stack "${stack.name}" is running (or ran on another machine). Wait for its end; if ` +
                `you know that it is gone: pulumi cancel --stack ${stack.name}`,
        );
    }
    if (stale.length > 0) {
        say(`Removing the lock of process ${stale.join(", ")}, which is gone.`);
        await stack.cancel();
    }
    const left = orphans(join(OWN, "home", "plugins"), "pulumi");
    if (left.length > 0) {
        say(`Ending plugins that outlived their engine: ${left.join(", ")}.`);
        await kill(left);
    }
    const state = await stack.state();
    const pending = state.deployment.pending_operations ?? [];
    for (const cluster of clusters(state)) await forgetReleases(cluster, stack, say);
    for (const { type, resource } of pending) {
        say(`It was killed while ${type} ${resource.urn.split("::").at(-1)} (${resource.type}).`);
        if (type === "creating" && resource.type === NETWORK)
            await removeNetwork(resource, stack, say);
    }
    if (pending.length > 0) await stack.replaceState(state);
}

const CLUSTER = "multinet:index:KindCluster";
const RELEASE = "kubernetes:helm.sh/v3:Release";
const NETWORK = "docker:index/network:Network";

interface Release {
    namespace: string;
    name: string;
}

export interface RecordedCluster {
    kubeconfig: string;
    /** Releases whose creation was under way: if they are in the cluster, the state does not know it. */
    unrecorded: Release[];
}

/** The clusters of a state, with the releases that were being created in each when the update was killed. */
export function clusters(state: State): RecordedCluster[] {
    const resources = state.deployment.resources ?? [];
    const creating = (state.deployment.pending_operations ?? [])
        .filter(({ type, resource }) => type === "creating" && resource.type === RELEASE)
        .map(({ resource }) => resource);
    const identityOf = ({ provider = "" }: StateResource) => {
        const urn = provider.slice(0, provider.lastIndexOf("::"));
        return resources.find((resource) => resource.urn === urn)?.inputs?.["clusterIdentifier"];
    };
    return resources
        .filter(({ type, outputs }) => type === CLUSTER && outputs?.["ca"] !== undefined)
        .map(({ outputs }) => ({
            kubeconfig: resolve(PROJECT, String(outputs!["kubeconfigPath"])),
            unrecorded: creating
                .filter((release) => identityOf(release) === outputs!["ca"])
                .map(({ inputs = {} }) => ({
                    name: String(inputs["name"]),
                    namespace:
                        typeof inputs["namespace"] === "string" ? inputs["namespace"] : "default",
                })),
        }));
}

/** A revision of a release, as Helm keeps it in a Secret. */
export interface Revision extends Release {
    secret: string;
    status: string;
}

/** The revisions that keep the next install or upgrade from starting. */
export function inTheWay(revisions: Revision[], unrecorded: Release[]): Revision[] {
    return revisions.filter(
        ({ status, name, namespace }) =>
            status.startsWith("pending-") ||
            unrecorded.some((release) => release.name === name && release.namespace === namespace),
    );
}

async function forgetReleases(
    cluster: RecordedCluster,
    stack: Stack,
    say: (line: string) => void,
): Promise<void> {
    const kubectl = (...args: string[]) =>
        run("kubectl", ["--kubeconfig", cluster.kubeconfig, "--request-timeout=10s", ...args], {
            env: { PATH: stack.env["PATH"] ?? "" },
        });
    const columns =
        "NAMESPACE:.metadata.namespace,SECRET:.metadata.name,NAME:.metadata.labels.name,STATUS:.metadata.labels.status";
    const list = ["get", "secrets", "--all-namespaces", "--selector", "owner=helm", "--no-headers"];
    let text: string;
    try {
        text = await kubectl(...list, "--output", `custom-columns=${columns}`);
    } catch {
        return; // a cluster that does not answer is made anew or restarted; there is nothing to repair in it
    }
    const revisions = text
        .split("\n")
        .map((line) => line.trim().split(/\s+/))
        .filter((fields) => fields.length === 4)
        .map(
            ([namespace, secret, name, status]) =>
                ({ namespace, secret, name, status }) as Revision,
        );
    for (const { namespace, secret, name } of inTheWay(revisions, cluster.unrecorded)) {
        say(
            `Helm release ${namespace}/${name} was left unfinished: the next install takes it over.`,
        );
        await kubectl("delete", "secret", secret, "--namespace", namespace, "--ignore-not-found");
    }
}

async function removeNetwork(
    { inputs }: StateResource,
    stack: Stack,
    say: (line: string) => void,
): Promise<void> {
    const name = String(inputs?.["name"]);
    const docker = (...args: string[]) =>
        run("docker", args, { env: { DOCKER_HOST: stack.env["DOCKER_HOST"] ?? "" } });
    let labels: Record<string, string>;
    try {
        const format = "{{json .Labels}}";
        labels = JSON.parse(
            await docker("network", "inspect", "--format", format, name),
        ) as typeof labels;
    } catch {
        return; // it was not made
    }
    const ours =
        labels["multinet.dev/project"] === PROJECT_NAME &&
        labels["multinet.dev/stack"] === stack.name;
    if (!ours) return;
    say(`The container network ${name} was made but not recorded: removing it.`);
    await docker("network", "rm", name);
}
