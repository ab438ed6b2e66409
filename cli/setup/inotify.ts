import { readFileSync, writeFileSync } from "node:fs";

const FILE = "/proc/sys/fs/inotify/max_user_instances";

/** Enough for about a dozen clusters. */
const ENOUGH = 512;

/** What one kind node holds: systemd, containerd, kubelet and the pods' own. */
const PER_NODE = 30;

/**
 * Every node watches files, and all containers of a user share one limit. Raises it if this process may; returns what
 * the user should know.
 */
export function raiseInotifyLimit(file = FILE): string | undefined {
    let limit: number;
    try {
        limit = Number(readFileSync(file, "utf8"));
    } catch {
        return undefined; // this kernel has no such limit
    }
    if (limit >= ENOUGH) {
        return undefined;
    }
    try {
        writeFileSync(file, String(ENOUGH));
        return `Raised fs.inotify.max_user_instances from ${limit} to ${ENOUGH} until the machine restarts.`;
    } catch {
        return (
            `fs.inotify.max_user_instances is ${limit}: room for about ${Math.floor(limit / PER_NODE)} kind nodes. ` +
            `For more: sudo sysctl fs.inotify.max_user_instances=${ENOUGH}`
        );
    }
}
