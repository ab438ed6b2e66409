import { randomBytes } from "node:crypto";
import { chmod, mkdir, open, readFile, rename, rm, rmdir, stat } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { readKubeconfig } from "../kube/kubeconfig.ts";
import type { Kubeconfig } from "../kube/kubeconfig.ts";

const FILE_MODE = 0o600;

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

/** Writes the file in one step, readable by its owner only; folders that are missing are made the same way. */
export async function writeKubeconfig(path: string, content: string): Promise<void> {
    const file = resolve(path);
    await mkdir(dirname(file), { recursive: true, mode: 0o700 });
    const temporary = `${file}.${randomBytes(4).toString("hex")}`;
    try {
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

/** Removes the file, and its folder if that was the last one in it. */
export async function removeKubeconfig(path: string): Promise<void> {
    const file = resolve(path);
    await rm(file, { force: true });
    await rmdir(dirname(file)).catch(() => undefined);
}

/**
 * What a kubeconfig file says, if it is there and leads to the cluster with that certificate authority. Otherwise
 * undefined: it has to be restored before anything can be said about the cluster.
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
