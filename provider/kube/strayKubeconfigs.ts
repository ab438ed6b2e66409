import { constants } from "node:fs";
import { open, readdir, rm } from "node:fs/promises";
import { basename, join } from "node:path";
import { tmpdir } from "node:os";
import { isOwn, parentOf, runningProcesses } from "../../system/processes.ts";
import { fingerprint } from "./kubeconfig.ts";

/** As the plugin names them: Go's `os.CreateTemp("", "kubeconfig")` puts a random 32-bit number behind the name. */
const NAME = /^kubeconfig\d{1,10}$/;

/** As Go's client writes it. There may be many files, and little time: no parser. */
const AUTHORITY = /^ +certificate-authority-data: (\S+)$/m;

const PLUGIN = "pulumi-resource-kubernetes";

/** Bytes: more than any kubeconfig of one cluster has. */
const MAX_SIZE = 64 * 1024;

/**
 * Removes the copies of kubeconfigs that the kubernetes plugin leaves in the folder for temporary files, one in each
 * run, with the key of an administrator (`writeKubeconfigToFile` in pulumi-kubernetes 4.25, which never removes it).
 * Only those of the clusters with these certificate authorities; and none while a plugin of another engine runs, which
 * may still need its copy: the last one to end removes them.
 */
export async function removeStrayKubeconfigs(
    authorities: ReadonlySet<string>,
    folder = tmpdir(),
    isInUse = () => runsForOther(process.ppid),
): Promise<void> {
    if (authorities.size === 0) {
        return;
    }
    const found = (await readdir(folder)).filter((name) => NAME.test(name));
    const strays = await Promise.all(
        found.map(async (name) => authorities.has((await authorityOf(join(folder, name))) ?? "")),
    );
    if (!strays.includes(true) || isInUse()) {
        return;
    }
    await Promise.all(
        found
            .filter((_, index) => strays[index])
            .map((name) => rm(join(folder, name), { force: true })),
    );
}

/** Whether a plugin runs that another process than this engine has started. */
export function runsForOther(engine: number): boolean {
    return runningProcesses().some(
        (running) =>
            basename(running.args[0] ?? "") === PLUGIN &&
            isOwn(running) &&
            parentOf(running.pid) !== engine,
    );
}

/** Undefined for what is not a kubeconfig, not a file of this user's, or gone. */
async function authorityOf(path: string): Promise<string | undefined> {
    try {
        // In a folder that all may write to, a name may be a link or a pipe.
        const file = await open(
            path,
            constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK,
        );
        try {
            const stat = await file.stat();
            if (!stat.isFile() || stat.uid !== process.getuid?.() || stat.size > MAX_SIZE) {
                return undefined;
            }
            const [, authority = ""] = AUTHORITY.exec(await file.readFile("utf8")) ?? [];
            return fingerprint(Buffer.from(authority, "base64"));
        } finally {
            await file.close();
        }
    } catch {
        return undefined;
    }
}
