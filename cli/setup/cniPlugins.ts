import { lstatSync, readlinkSync, renameSync, rmdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";

/** The artifact with the CNI plugins of which kind's node image has only some. */
export const CNI_PLUGINS = "cni-plugins";

/** Has `cni-plugins` in the project's own directory lead to them, in one step: nodes may be starting with it. */
export function linkCniPlugins(stateDir: string, directory: string): void {
    const link = join(stateDir, CNI_PLUGINS);
    const there = lstatSync(link, { throwIfNoEntry: false });
    if (there?.isSymbolicLink() && readlinkSync(link) === directory) {
        return;
    }
    // The container engine makes an empty folder for a node that starts while the link is missing.
    if (there?.isDirectory()) {
        rmdirSync(link);
    }
    const fresh = `${link}.${process.pid}`;
    symlinkSync(directory, fresh);
    renameSync(fresh, link);
}
