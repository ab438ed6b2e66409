import { homedir } from "node:os";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { PROJECT } from "../project.ts";

const PREFIX = "file://";

/**
 * Address of a file backend in this folder, whatever characters its path has. Without the attributes that Pulumi would
 * keep beside each file every write is one step (a rename); a kill while those are written leaves a state that Pulumi
 * cannot read.
 */
export function backendUrl(folder: string): string {
    return `${pathToFileURL(folder).href}?metadata=skip`;
}

/**
 * The folder of a file backend, read from its address as Pulumi reads it: without query and fragment, `~` for the home
 * folder, a relative path from the project, escapes resolved. Undefined for a backend of another kind.
 */
export function backendFolder(
    url: string | undefined,
    home: string = process.env["HOME"] ?? homedir(),
): string | undefined {
    if (!url?.startsWith(PREFIX)) {
        return undefined;
    }
    const [path = ""] = url.slice(PREFIX.length).split(/[?#]/);
    return resolve(PROJECT, unescaped(path.replace(/^~/, home)));
}

/** Pulumi itself refuses a broken escape; here it stands for itself. */
function unescaped(path: string): string {
    try {
        return decodeURIComponent(path);
    } catch {
        return path;
    }
}
