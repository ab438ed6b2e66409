import { createHash, randomBytes } from "node:crypto";
import { chmod, mkdir, open, readFile, rename, rm, rmdir, stat } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { parse } from "yaml";

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

/** The API's address, and the hash of the certificate authority that tells one cluster from another. */
export function identityOf(kubeconfig: string): { endpoint: string; ca: string } {
    const { clusters } = parse(kubeconfig) as {
        clusters?: { cluster: { server: string; "certificate-authority-data": string } }[];
    };
    const cluster = clusters?.[0]?.cluster;
    if (!cluster) {
        throw new Error("the kubeconfig that kind gave names no cluster");
    }
    const authority = Buffer.from(cluster["certificate-authority-data"], "base64");
    return {
        endpoint: cluster.server,
        ca: createHash("sha256").update(authority).digest("hex"),
    };
}

/**
 * The content of a kubeconfig file, if it is there and leads to the cluster with that certificate authority. Otherwise
 * undefined: it has to be restored before anything can be said about the cluster.
 */
export async function kubeconfigOf({
    kubeconfigPath,
    ca,
}: {
    kubeconfigPath: string;
    ca: string;
}): Promise<string | undefined> {
    try {
        const content = await readFile(resolve(kubeconfigPath), "utf8");
        return identityOf(content).ca === ca ? content : undefined;
    } catch {
        return undefined;
    }
}
