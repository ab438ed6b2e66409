import { chmodSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { docker } from "../converged.ts";
import type { Drift, Scene } from "./drift.ts";
import { edge2, worker } from "./nodes.ts";

const kubeconfig = ({ stack }: Scene) => join(stack.kubeconfigs, "edge2.yaml");
const ofCluster = (more: Omit<Drift, "only">): Drift => ({ only: /^(edge\d-|testbed-)/, ...more });

/** Files and containers of this machine. */
export const MACHINE: Drift[] = [
    ofCluster({
        what: "a kubeconfig file deleted",
        make: async (scene) => rmSync(kubeconfig(scene)),
        there: async (scene) => !readsAs(kubeconfig(scene), "clusters:"),
        named: /edge2\.yaml/,
    }),
    ofCluster({
        what: "a kubeconfig file emptied",
        make: async (scene) => writeFileSync(kubeconfig(scene), ""),
        there: async (scene) => !readsAs(kubeconfig(scene), "clusters:"),
        named: /edge2\.yaml/,
    }),
    ofCluster({
        what: "a kubeconfig file that others may read",
        make: async (scene) => chmodSync(kubeconfig(scene), 0o644),
        there: async (scene) => (statSync(kubeconfig(scene)).mode & 0o777) === 0o644,
        named: /edge2\.yaml/,
    }),
    ofCluster({
        what: "a worker stopped",
        make: ({ node }) => docker("stop", node(worker)),
        there: async ({ node }) => (await stateOf(node(worker))) === "exited",
        named: /edge1-worker \(stopped/,
    }),
    ofCluster({
        what: "a node paused",
        make: ({ node }) => docker("pause", node(worker)),
        there: async ({ node }) => (await stateOf(node(worker))) === "paused",
        named: /edge1-worker \(paused/,
    }),
    ofCluster({
        what: "a worker's container removed",
        make: ({ node }) => docker("rm", "--force", "--volumes", node(worker)),
        there: async ({ node }) => (await stateOf(node(worker))) === "",
        named: /edge1-worker \(deleted/,
        // Its pods go with it, and the Deployments of demos that were there make others.
        spared: /^edge1\//,
    }),
    ofCluster({
        what: "a memory limit changed",
        make: ({ node }) => docker("update", "--memory", "2g", "--memory-swap", "2g", node(edge2)),
        there: async ({ node }) =>
            (await docker("inspect", "--format", "{{.HostConfig.Memory}}", node(edge2))).trim() ===
            String(2 * 2 ** 30),
        named: /memory of container .*edge2-control-plane/,
    }),
    ofCluster({
        what: "a whole cluster removed",
        make: ({ node }) => docker("rm", "--force", "--volumes", node(edge2)),
        there: async ({ node }) => (await stateOf(node(edge2))) === "",
        named: /edge2-control-plane \(deleted/,
        spared: /^edge2\//,
    }),
];

function readsAs(path: string, text: string): boolean {
    try {
        return readFileSync(path, "utf8").includes(text);
    } catch {
        return false;
    }
}

async function stateOf(container: string): Promise<string> {
    const args = ["inspect", "--type", "container", "--format", "{{.State.Status}}", container];
    return (await docker(...args).catch(() => "")).trim();
}
