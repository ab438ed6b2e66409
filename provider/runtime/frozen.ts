import { readdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";

/** Where cgroup v1 keeps what is frozen; the unified hierarchy of v2 kills frozen processes as any other. */
const FREEZER = "/sys/fs/cgroup/freezer";

/**
 * Lets all frozen processes inside of containers go on, and says whether there were any. On cgroup v1 runc freezes a
 * pod while it changes its limits: a node that is killed at that moment dies without thawing it, and no signal reaches
 * what stays frozen, so that its engine cannot remove the container.
 */
export async function thaw(ids: string[], freezer = FREEZER): Promise<boolean> {
    const files = await readdir(freezer, { recursive: true }).catch(() => []);
    const states = files.filter(
        (file) => file.endsWith("/freezer.state") && ids.some((id) => dirname(file).includes(id)),
    );
    const thawed = await Promise.all(states.map((file) => thawOne(join(freezer, file))));
    return thawed.includes(true);
}

async function thawOne(file: string): Promise<boolean> {
    try {
        if ((await readFile(file, "utf8")).trim() === "THAWED") {
            return false;
        }
        await writeFile(file, "THAWED");
        return true;
    } catch {
        return false; // it is gone by now, or not ours to write
    }
}
