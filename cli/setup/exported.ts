import { basename, delimiter, dirname, join } from "node:path";
import { pathDirectories } from "./onPath.ts";

/**
 * Holds, as JSON, what `npm run env` has set in a shell by itself. Such a value is no choice of the user's: not in this
 * checkout, whose answer may be another one today, and not in another checkout.
 */
const MARKER = "MULTINET_EXPORTED";

type Variables = Record<string, string>;

/** Adds the marker to what is about to be exported. `before` is the user's own environment. */
export function marked(ours: Variables, programs: string[], before: NodeJS.ProcessEnv): Variables {
    const own = Object.entries(ours).filter(([name, value]) => before[name] !== value);
    const exported = { ...Object.fromEntries(own), PATH: programs.join(delimiter) };
    return { ...ours, [MARKER]: JSON.stringify(exported) };
}

/** Adds variables to what is exported, marked as ours like the rest. */
export function alsoExported(exported: Variables, more: Variables): Variables {
    const marker = JSON.stringify({ ...read(exported[MARKER]), ...more });
    return { ...exported, ...more, [MARKER]: marker };
}

/** The environment as the user made it: without what `npm run env` of any checkout has set, or npm for its scripts. */
export function userEnvironment(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
    const { [MARKER]: marker, ...user } = env;
    const { PATH: programs = "", ...exported } = read(marker);
    for (const [name, value] of Object.entries(exported)) {
        if (user[name] === value) {
            delete user[name];
        }
    }
    const drop = new Set([...programs.split(delimiter), ...npmDirectories(env)]);
    const kept = pathDirectories(env).filter((entry) => !drop.has(entry) && !isNodeGyp(entry));
    return { ...user, PATH: kept.join(delimiter) };
}

/** Makes `userEnvironment` the environment of this process and of all that it starts. */
export function forgetExported(env: NodeJS.ProcessEnv = process.env): void {
    const user = userEnvironment(env);
    for (const name of Object.keys(env)) {
        if (!(name in user)) {
            delete env[name];
        }
    }
    Object.assign(env, user);
}

/** What npm puts on PATH for a script: a folder in every parent of the package. */
function npmDirectories(env: NodeJS.ProcessEnv): string[] {
    const manifest = env["npm_package_json"];
    if (!manifest) {
        return [];
    }
    const folders: string[] = [];
    for (let folder = dirname(manifest); ; folder = dirname(folder)) {
        folders.push(join(folder, "node_modules", ".bin"));
        if (folder === dirname(folder)) {
            return folders;
        }
    }
}

/** npm puts this on PATH, too, with a script that is of use to npm only. */
function isNodeGyp(entry: string): boolean {
    return basename(entry) === "node-gyp-bin" && entry.includes("/@npmcli/run-script/");
}

/** A marker that was edited says nothing. */
function read(marker = "{}"): Variables {
    try {
        const content = JSON.parse(marker) as Record<string, unknown> | null;
        const entries = Object.entries(content ?? {});
        return Object.fromEntries(
            entries.filter((entry): entry is [string, string] => typeof entry[1] === "string"),
        );
    } catch {
        return {};
    }
}
