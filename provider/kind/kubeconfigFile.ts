import { existsSync } from "node:fs";
import { chmod, mkdir, open, readdir, readFile, rename, rm, rmdir, stat } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { readKubeconfig } from "../kube/kubeconfig.ts";
import type { Kubeconfig } from "../kube/kubeconfig.ts";

const FILE_MODE = 0o600;

/** Beside the kubeconfig files of a stack: a file made of them, for `kubectl` to switch between the clusters. */
export const ALL_CLUSTERS = "all-clusters.kubeconfig";

/** What is wrong with the file at `path` that should hold `content`; undefined if nothing is. */
export async function kubeconfigFault(path: string, content: string): Promise<string | undefined> {
    const file = resolve(path);
    try {
        const [found, { mode }] = await Promise.all([readFile(file, "utf8"), stat(file)]);
        if (found !== content) {
            return "changed outside Pulumi";
        }
        const permissions = (mode & 0o777).toString(8);
        return (mode & 0o777) === FILE_MODE ? undefined : `mode ${permissions}, not 600`;
    } catch (error) {
        if ((error as NodeJS.ErrnoException).code === "ENOENT") {
            return "deleted outside Pulumi";
        }
        throw error;
    }
}

/**
 * Writes the file in one step, readable by its owner only; folders that are missing are made the same way. Only for the
 * holder of the cluster's lock: what a killed run left of it is in a fixed place.
 */
export async function writeKubeconfig(path: string, content: string): Promise<void> {
    const file = resolve(path);
    await mkdir(dirname(file), { recursive: true, mode: 0o700 });
    const temporary = `${file}.new`;
    try {
        await rm(temporary, { force: true });
        const handle = await open(temporary, "wx", FILE_MODE);
        try {
            await handle.writeFile(content);
            await handle.sync();
        } finally {
            await handle.close();
        }
        await chmod(temporary, FILE_MODE);
        await rename(temporary, file);
    } catch (error) {
        await rm(temporary, { force: true });
        throw error;
    }
}

/** Removes the file, and its folder, with what was made of such files, if that was the last one in it. */
export async function removeKubeconfig(path: string): Promise<void> {
    const file = resolve(path);
    await rm(file, { force: true });
    await rm(`${file}.new`, { force: true });
    const folder = dirname(file);
    const left = await readdir(folder).catch(() => []);
    if (left.every((name) => name === ALL_CLUSTERS)) {
        await rm(join(folder, ALL_CLUSTERS), { force: true });
    }
    await rmdir(folder).catch(() => undefined);
}

export function exists(path: string): boolean {
    return existsSync(resolve(path));
}

/** The project that a path is in, by its Pulumi.yaml; undefined if it is in none. */
export function projectOf(path: string): string | undefined {
    const folder = dirname(resolve(path));
    if (existsSync(join(folder, "Pulumi.yaml"))) {
        return folder;
    }
    return folder === dirname(folder) ? undefined : projectOf(folder);
}

/**
 * What a kubeconfig file says, if it is there and leads to the cluster with that certificate authority. Otherwise
 * undefined: it must be restored before anything can be said about the cluster.
 */
export async function kubeconfigOf({
    kubeconfigPath,
    ca,
}: {
    kubeconfigPath: string;
    ca: string;
}): Promise<Kubeconfig | undefined> {
    try {
        const found = readKubeconfig(await readFile(resolve(kubeconfigPath), "utf8"));
        return found.ca === ca ? found : undefined;
    } catch {
        return undefined;
    }
}
