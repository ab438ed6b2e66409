import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { parse, stringify } from "yaml";
import { ALL_CLUSTERS } from "../provider/kind/kubeconfigFile.ts";
import { writeWhole } from "../system/smallFile.ts";
import { STATE_DIR } from "./project.ts";

/** What a kubeconfig file has, as far as it is used here. */
interface Kubeconfig {
    clusters?: { name: string; cluster: object }[];
    users?: { name: string; user: object }[];
    contexts?: {
        name: string;
        context: { cluster: string; user: string; namespace?: string | undefined };
    }[];
    "current-context"?: string;
}

/**
 * The kubeconfig file with all clusters of a stack, which `npm run env` exports. It is made of the clusters' own files and
 * holds nothing else but which of its contexts, called like the clusters, is the current one, and their namespaces.
 */
export function contextsFile(stack: string, stateDir = STATE_DIR): string {
    return join(stateDir, "kubeconfigs", stack, ALL_CLUSTERS);
}

/**
 * Writes that file, readable by its owner only, with the clusters that there are now; without any, there is no file. The
 * current context stays what it was, or becomes `use`. Returns the names of the contexts.
 */
export function refreshContexts(stack: string, use?: string, stateDir = STATE_DIR): string[] {
    const file = contextsFile(stack, stateDir);
    const clusters = clustersOf(stack, stateDir);
    const names = Object.keys(clusters);
    if (names.length === 0) {
        rmSync(file, { force: true });
        return [];
    }
    const merged = merge(clusters, parsed(read(file)), use);
    writeWhole(file, stringify(merged));
    return names;
}

/** The context that `kubectl` uses for this stack; undefined if there is none yet. */
export function currentContext(stack: string, stateDir = STATE_DIR): string | undefined {
    return parsed(read(contextsFile(stack, stateDir)))["current-context"];
}

/** The kubeconfigs of a stack's clusters, by the clusters' names. */
function clustersOf(stack: string, stateDir: string): Record<string, Kubeconfig> {
    const folder = join(stateDir, "kubeconfigs", stack);
    const files = existsSync(folder) ? readdirSync(folder).sort() : [];
    const all = files
        .filter((name) => name.endsWith(".yaml"))
        .map((name) => [name.slice(0, -".yaml".length), parsed(read(join(folder, name)))] as const);
    // One that was damaged is written again by the next update.
    return Object.fromEntries(all.filter(([, { clusters, users }]) => clusters?.[0] && users?.[0]));
}

/** `former` says which context was the current one, and what namespaces the user has chosen. */
function merge(
    clusters: Record<string, Kubeconfig>,
    former: Kubeconfig,
    use: string | undefined,
): Kubeconfig & { apiVersion: "v1"; kind: "Config" } {
    const names = Object.keys(clusters);
    const current = [use, former["current-context"]].find((name) => name && name in clusters);
    const namespaces = new Map(
        (former.contexts ?? []).map(({ name, context }) => [name, context.namespace]),
    );
    return {
        apiVersion: "v1",
        kind: "Config",
        clusters: Object.values(clusters).flatMap(({ clusters = [] }) => clusters.slice(0, 1)),
        users: Object.values(clusters).flatMap(({ users = [] }) => users.slice(0, 1)),
        contexts: Object.entries(clusters).map(([name, { clusters = [], users = [] }]) => {
            const namespace = namespaces.get(name);
            const context = { cluster: clusters[0]!.name, user: users[0]!.name };
            return { name, context: { ...context, ...(namespace && { namespace }) } };
        }),
        "current-context": current ?? names[0]!,
    };
}

function read(file: string): string {
    try {
        return readFileSync(file, "utf8");
    } catch {
        return ""; // it is not there
    }
}

/** A damaged file says nothing. */
function parsed(text: string): Kubeconfig {
    try {
        const content: unknown = parse(text);
        return typeof content === "object" && content !== null ? content : {};
    } catch {
        return {};
    }
}
