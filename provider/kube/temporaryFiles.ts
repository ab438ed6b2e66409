import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";

/**
 * Removes the temporary files of this engine's kubernetes plugins, and those of engines that are gone. In each run the
 * plugin writes down a kubeconfig with the key of an administrator, and never removes it (`writeKubeconfigToFile` in
 * pulumi-kubernetes 4.25); the launcher that `cli/setup/plugins.ts` puts in its place gives the plugins of each engine a
 * folder of their own, below Pulumi's home, by the engine's process number.
 */
export async function removeTemporaryFiles(
    home = process.env["PULUMI_HOME"],
    engine = process.ppid,
): Promise<void> {
    if (!home) {
        return;
    }
    const folder = join(home, "tmp");
    const engines = await readdir(folder).catch(() => []); // no plugin ran yet
    await Promise.all(
        engines
            .filter((pid) => Number(pid) === engine || !isAlive(Number(pid)))
            .map((pid) => rm(join(folder, pid), { recursive: true, force: true })),
    );
}

function isAlive(pid: number): boolean {
    try {
        process.kill(pid, 0);
        return true;
    } catch (error) {
        return (error as NodeJS.ErrnoException).code === "EPERM"; // another user's
    }
}
