import { lstatSync, readdirSync, realpathSync } from "node:fs";
import { join } from "node:path";
import { cacheRoot } from "../system/cache.ts";
import { isMarked } from "../system/cachePlace.mjs";

/** What commands write into a checkout. */
const WRITTEN = [".multinet", "node_modules"];

/** Owners that a message shows. */
const SHOWN = 5;

/** Who runs a command. */
export interface User {
    uid: number;
    gid: number;
}

/**
 * Throws if commands cannot work in this folder, or with this cache, with what to do about it: before anything is
 * written, as a mix of root's files and a user's lets each fail somewhere in the middle.
 */
export function checkProjectFolder(
    project: string,
    cache: string | undefined = ownCache(),
    user: User | undefined = thisUser(),
): void {
    if (/[:\n]/.test(project)) {
        throw new Error(
            `The path of this checkout has a character that container engines cannot mount: ${JSON.stringify(project)}. ` +
                'Move it to a path without ":" and line breaks.',
        );
    }
    if (user === undefined || user.uid === 0) {
        return; // root may write everywhere
    }
    const place = cache !== undefined && isThere(cache) ? realpathSync(cache) : undefined;
    const folders = [...WRITTEN.map((name) => join(project, name)), place ?? ""].filter(isThere);
    const foreign = folders.flatMap((folder) =>
        foreignIn(folder, user.uid, folder === place ? 2 : Infinity),
    );
    if (foreign.length > 0) {
        const more = foreign.length > SHOWN ? ` and ${foreign.length - SHOWN} more` : "";
        const owned = folders.filter((folder) => foreign.some((path) => isIn(folder, path)));
        throw new Error(
            "Another user, probably root after a run with sudo, owns what this one would have to write: " +
                `${foreign.slice(0, SHOWN).join(", ")}${more}. Take all of it back, and run multinet without sudo:\n` +
                `  sudo chown -hR ${user.uid}:${user.gid} ${owned.map(quote).join(" ")}`,
        );
    }
}

/**
 * The cache, if it is known to be one of multinet's: nobody may be told to take all of another folder. What else is wrong with
 * a folder that was named is said by `claimCache`.
 */
function ownCache(): string | undefined {
    const root = cacheRoot();
    return process.env["MULTINET_CACHE"] && !isMarked(root) ? undefined : root;
}

function isIn(folder: string, path: string): boolean {
    return path === folder || path.startsWith(`${folder}/`);
}

/** As one word for a shell. */
function quote(path: string): string {
    return /^[\w./-]+$/.test(path) ? path : `'${path.replaceAll("'", `'\\''`)}'`;
}

function thisUser(): User | undefined {
    const { getuid, getgid } = process;
    return getuid && getgid ? { uid: getuid(), gid: getgid() } : undefined;
}

/** A folder, or what in it, down to a depth, belongs to others; of npm packages the folder says enough. */
function foreignIn(folder: string, uid: number, depth: number): string[] {
    const found = lstatSync(folder, { throwIfNoEntry: false });
    if (!found) {
        return [];
    }
    if (found.uid !== uid) {
        return [folder];
    }
    if (depth === 0 || !found.isDirectory() || folder.endsWith("node_modules")) {
        return [];
    }
    return readdirSync(folder).flatMap((name) => foreignIn(join(folder, name), uid, depth - 1));
}

function isThere(path: string): boolean {
    return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
}
