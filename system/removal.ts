import {
    chmodSync,
    existsSync,
    lstatSync,
    readdirSync,
    rmdirSync,
    rmSync,
    statSync,
} from "node:fs";
import { join } from "node:path";
import { mountPoints } from "./cachePlace.mjs";
import { run } from "./process.ts";

/** Unmounts what is mounted at a directory or below it, which touches no data. */
export async function unmountAll(directory: string): Promise<void> {
    const isIn = (path: string) => path === directory || path.startsWith(`${directory}/`);
    // Of two in one place, the later hides the earlier.
    for (const path of mountPoints().filter(isIn).reverse()) {
        await run("umount", [path]);
    }
}

/** Throws if something is mounted below a directory: removing that would reach into another file system. */
export function refuseMounts(directory: string): void {
    const mounts = mountPoints().filter((path) => path.startsWith(`${directory}/`));
    if (mounts.length > 0) {
        throw new Error(
            `Not removed: ${directory}, as something is mounted in it. Unmount it first: umount ${mounts.join(" ")}`,
        );
    }
}

/**
 * Removes these names from a directory, and the directory if it is empty then. Returns the names of what stays;
 * undefined if there was no such directory.
 */
export function removeFrom(
    directory: string,
    isKnown: (name: string) => boolean,
): string[] | undefined {
    if (!existsSync(directory)) {
        return undefined;
    }
    for (const name of readdirSync(directory).filter(isKnown)) {
        const path = join(directory, name);
        makeWritable(path);
        rmSync(path, { recursive: true, force: true });
    }
    const left = readdirSync(directory);
    if (left.length === 0) {
        rmdirSync(directory);
    }
    return left;
}

/** Go makes the directories of its module cache read-only, which minds everyone but root. */
function makeWritable(path: string): void {
    if (process.getuid?.() === 0 || !lstatSync(path).isDirectory()) {
        return;
    }
    chmodSync(path, statSync(path).mode | 0o700);
    for (const entry of readdirSync(path, { withFileTypes: true })) {
        if (entry.isDirectory()) {
            makeWritable(join(path, entry.name));
        }
    }
}
