import { lstatSync, readdirSync } from "node:fs";
import { join } from "node:path";

/** What commands write into a checkout. */
const WRITTEN = [".multinet", "node_modules"];

/** Owners that a message shows. */
const SHOWN = 5;

/** Who runs a command. */
export interface User {
    uid: number;
    gid: number;
}

/** Throws if commands cannot work in this folder, with what to do about it. */
export function checkProjectFolder(project: string, user = thisUser()): void {
    if (/[:\n]/.test(project)) {
        throw new Error(
            `The path of this checkout has a character that container engines cannot mount: ${JSON.stringify(project)}. ` +
                'Move it to a path without ":" and line breaks.',
        );
    }
    if (user === undefined || user.uid === 0) {
        return; // root may write everywhere
    }
    const foreign = WRITTEN.flatMap((name) => foreignIn(join(project, name), user.uid));
    if (foreign.length > 0) {
        const more = foreign.length > SHOWN ? ` and ${foreign.length - SHOWN} more` : "";
        const folders = WRITTEN.filter((name) => isThere(join(project, name)));
        throw new Error(
            "Another user, probably root after a run with sudo, owns what this one would have to write: " +
                `${foreign.slice(0, SHOWN).join(", ")}${more}. Use sudo for every command of this checkout, or take ` +
                `all of it back:\n  (cd '${project.replaceAll("'", `'\\''`)}' && sudo chown -hR ${user.uid}:${user.gid} ${folders.join(" ")})`,
        );
    }
}

function thisUser(): User | undefined {
    const { getuid, getgid } = process;
    return getuid && getgid ? { uid: getuid(), gid: getgid() } : undefined;
}

/** A folder, or what in it belongs to others; of npm packages the folder says enough. */
function foreignIn(folder: string, uid: number): string[] {
    const found = lstatSync(folder, { throwIfNoEntry: false });
    if (!found) {
        return [];
    }
    if (found.uid !== uid) {
        return [folder];
    }
    if (!found.isDirectory() || folder.endsWith("node_modules")) {
        return [];
    }
    return readdirSync(folder).flatMap((name) => foreignIn(join(folder, name), uid));
}

function isThere(path: string): boolean {
    return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
}
