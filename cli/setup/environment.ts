import { existsSync, readFileSync, realpathSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";
import { backendFolder, backendUrl } from "../state/backend.ts";
import { marked, userEnvironment } from "./exported.ts";

/** Where things are, for one project. */
export interface Places {
    /** The project's own directory for state, plugins and kubeconfigs: `.multinet`. */
    stateDir: string;
    /** Directories of programs that come before those on PATH. */
    programs: string[];
    /** Directories under these are ours: an earlier answer of `env` put them on PATH. */
    cache: string;
    /** Address of the container engine. */
    engine: string;
    /** File that names the images made on this machine, if any were. */
    images: string | undefined;
}

/**
 * What a shell needs so that plain `pulumi`, `kubectl`, `kind` and `docker` work on this project.
 *
 * The passphrase: by default it is empty, and the stack files that come with this project carry the `encryptionsalt`
 * that belongs to it. So nothing asks for a passphrase, and Pulumi has no reason to write into a stack file, which
 * keeps the working tree clean. It protects nothing, and need not: what is secret in a state are the kubeconfigs of
 * clusters on this machine, which lie beside it as files, in a directory that only its owner may enter. Whoever keeps
 * the state elsewhere, or real secrets in it, sets PULUMI_CONFIG_PASSPHRASE (or ..._FILE) and deletes the line
 * `encryptionsalt` from the stack file, or names another secrets provider there: both are respected.
 */
export function projectEnvironment(
    places: Places,
    shell: NodeJS.ProcessEnv = process.env,
): Record<string, string> {
    const env = userEnvironment(shell);
    const home = join(places.stateDir, "home");
    const ours: Record<string, string> = {
        PATH: path(places, env),
        PULUMI_HOME: home,
        PULUMI_SKIP_UPDATE_CHECK: "true",
        PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
        DOCKER_HOST: places.engine,
        DOCKER_CONTEXT: "", // it would lead docker's Pulumi plugin elsewhere
        // What Node makes of the SDKs and the program is kept: a third of what an update that changes nothing takes.
        NODE_COMPILE_CACHE: env["NODE_COMPILE_CACHE"] ?? join(places.stateDir, "compiled"),
    };
    const credentials = userCredentials(home, env);
    if (env["PULUMI_BACKEND_URL"]) {
        ours["PULUMI_BACKEND_URL"] = env["PULUMI_BACKEND_URL"];
    } else if (!credentials.current()) {
        ours["PULUMI_BACKEND_URL"] = backendUrl(join(places.stateDir, "state"));
    }
    if (hasOwnPassphrase(env)) {
        for (const name of PASSPHRASE) {
            if (env[name] !== undefined) {
                ours[name] = env[name];
            }
        }
    } else {
        ours["PULUMI_CONFIG_PASSPHRASE"] = "";
    }
    if (places.images) {
        ours["MULTINET_IMAGES"] = places.images;
    }
    // Who chose a context, which is overwritten, has chosen this address by it.
    const before = env["DOCKER_CONTEXT"] ? { ...env, DOCKER_HOST: places.engine } : env;
    const exported = marked(ours, places.programs, before);
    // The login stays where the user made it, although plugins and settings are this project's own.
    if (credentials.exist) {
        exported["PULUMI_CREDENTIALS_PATH"] = credentials.directory;
    }
    return exported;
}

/** The folder of the file backend that commands work with; undefined for a backend of another kind. */
export function stateFolder(stateDir: string): string | undefined {
    const places = { stateDir, programs: [], cache: "", engine: "", images: undefined };
    return backendFolder(projectEnvironment(places)["PULUMI_BACKEND_URL"]);
}

const PASSPHRASE = ["PULUMI_CONFIG_PASSPHRASE", "PULUMI_CONFIG_PASSPHRASE_FILE"];

export function hasOwnPassphrase(env: NodeJS.ProcessEnv): boolean {
    return PASSPHRASE.some((name) => env[name]);
}

/** What an earlier answer may have set in a shell, and does not hold any more when it is not set now. */
const OPTIONAL = ["PULUMI_BACKEND_URL", "PULUMI_CONFIG_PASSPHRASE", "MULTINET_IMAGES"];

/** Lines for a shell to evaluate; any value survives. */
export function shellExports(environment: Record<string, string>): string {
    const gone = OPTIONAL.filter((name) => !(name in environment)).map((name) => `unset ${name}\n`);
    const set = Object.entries(environment).map(
        ([name, value]) => `export ${name}='${value.replaceAll("'", `'\\''`)}'\n`,
    );
    return [...gone, ...set].join("");
}

function path(places: Places, env: NodeJS.ProcessEnv): string {
    const others = (env["PATH"] ?? "")
        .split(delimiter)
        .filter((entry) => !isInside(entry, places.cache));
    return [...places.programs, ...others].join(delimiter);
}

/** The entries of PATH that are not ours. */
export function foreignDirectories(cache: string, env: NodeJS.ProcessEnv = process.env): string[] {
    return (env["PATH"] ?? "").split(delimiter).filter((entry) => entry && !isInside(entry, cache));
}

/** Whether a path leads into a directory, by its name or through symbolic links. */
export function isInside(entry: string, directory: string): boolean {
    return entry.startsWith(`${directory}/`) || real(entry).startsWith(`${real(directory)}/`);
}

function real(path: string): string {
    try {
        return realpathSync(path);
    } catch {
        return path; // it is not there
    }
}

interface Credentials {
    directory: string;
    exist: boolean;
    /** The backend that the user is logged in to. */
    current(): string | undefined;
}

/** The user's own `pulumi login`, as opposed to what this project keeps in its private home. */
function userCredentials(home: string, env: NodeJS.ProcessEnv): Credentials {
    const chosen = env["PULUMI_CREDENTIALS_PATH"] || env["PULUMI_HOME"];
    const directory =
        chosen && chosen !== home ? chosen : join(env["HOME"] ?? homedir(), ".pulumi");
    const file = join(directory, "credentials.json");
    const exist = existsSync(file);
    return { directory, exist, current: () => (exist ? currentBackend(file) : undefined) };
}

/** Of a file that cannot be read nothing is assumed: with another backend, another state would be worked on. */
function currentBackend(file: string): string | undefined {
    const text = readFileSync(file, "utf8");
    if (text === "") {
        return undefined; // to Pulumi, that is as if there were none
    }
    try {
        const content = JSON.parse(text) as { current?: string } | null;
        return content?.current || undefined;
    } catch (error) {
        throw new Error(
            `${file}, where Pulumi keeps your login, is damaged: ${(error as Error).message}. Repair it, or move it ` +
                "away and run `pulumi login` again if you use another backend than this project's own.",
            { cause: error },
        );
    }
}
