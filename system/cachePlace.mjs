// Where the cache is, and whether that place may be used. Plain JavaScript for Node 12.22 on, as multinet.mjs needs it.
import fs from "fs";
import os from "os";
import path from "path";

/** Everything that multinet puts into its cache; `npm run clean` removes these and nothing else. */
export const ENTRIES = /** @type {const} */ ([
    "pieces",
    "locks",
    "logs",
    "tools",
    "go",
    "engine",
    "packages.json",
    "images-from-registries",
]);

/**
 * Whether a name at the top of the cache is one of these, or what a killed process left of one.
 * @param {string} name
 */
export function isEntry(name) {
    const whole = name.replace(/\.\d+$/, "");
    return name === MARKER || ENTRIES.some((entry) => entry === whole);
}

/** The marker of a cache. Its name and first line are a convention by which backup programs skip caches. */
export const MARKER = "CACHEDIR.TAG";

const MARKER_TEXT =
    "Signature: 8a477f597d28d172789f06886806bc55\n" +
    "# The cache of multinet, format 1. It may be removed with: npm run clean\n";

/**
 * Where everything is kept that can be made again, shared by all projects of this user: `MULTINET_CACHE`, else
 * `multinet` in `XDG_CACHE_HOME` or `~/.cache`.
 * @param {NodeJS.ProcessEnv} env
 * @returns {string}
 */
export function cacheRoot(env) {
    return env.MULTINET_CACHE ? path.resolve(env.MULTINET_CACHE) : defaultRoot(env);
}

/**
 * @param {NodeJS.ProcessEnv} env
 * @returns {string}
 */
function defaultRoot({ XDG_CACHE_HOME }) {
    // A relative path there is to be ignored, says the specification of that variable.
    const caches =
        XDG_CACHE_HOME && path.isAbsolute(XDG_CACHE_HOME)
            ? XDG_CACHE_HOME
            : path.join(os.homedir(), ".cache");
    return path.join(caches, "multinet");
}

/**
 * Makes the cache directory, private and marked, and returns its real path. Whatever is not a cache of multinet, or
 * could be changed by another user, is refused before anything in it is touched.
 * @param {string} root
 * @param {NodeJS.ProcessEnv} [env]
 * @returns {string}
 */
export function claimCache(root, env = process.env) {
    const real = realPath(root);
    const reason = whyRefused(real, env);
    if (reason) {
        throw new Error(refusal(root, reason, env));
    }
    try {
        fs.mkdirSync(real, { recursive: true, mode: 0o700 });
        if ((fs.statSync(real).mode & 0o777) !== 0o700) {
            fs.chmodSync(real, 0o700);
        }
        if (readMarker(real) !== MARKER_TEXT) {
            fs.writeFileSync(path.join(real, MARKER), MARKER_TEXT, { mode: 0o600 });
        }
    } catch (error) {
        const why = error instanceof Error ? error.message : String(error);
        throw new Error(refusal(root, `it cannot be written (${why})`, env));
    }
    return real;
}

/**
 * @param {string} root
 * @param {string} reason
 * @param {NodeJS.ProcessEnv} env
 */
function refusal(root, reason, env) {
    const below = path.join(root, "multinet");
    const usable = root !== path.parse(root).root && !whyRefused(realPath(below), env);
    const place = usable ? below : "/big/disk/multinet";
    const chosen = env.MULTINET_CACHE ? ", or unset it to use the default one" : "";
    return (
        `${root} cannot be the cache of multinet: ${reason}. Nothing in it was changed. Set MULTINET_CACHE to a ` +
        `directory of its own, for example MULTINET_CACHE=${place}${chosen}.`
    );
}

/**
 * @param {string} root A real path, there or not.
 * @param {NodeJS.ProcessEnv} env
 * @returns {string | undefined}
 */
function whyRefused(root, env) {
    if (root.includes(path.delimiter)) {
        return `its path has a "${path.delimiter}" in it, which PATH cannot hold`;
    }
    const shared = new Map([
        [path.parse(root).root, "the root of the file system"],
        [realPath(os.homedir()), "a home directory"],
        [realPath(os.tmpdir()), "the directory for temporary files"],
        ["/tmp", "the directory for temporary files"],
        ["/var/tmp", "the directory for temporary files"],
    ]);
    const what = shared.get(root);
    if (what) {
        return `it is ${what}`;
    }
    if (mountPoints().includes(root)) {
        return "it is a mount point";
    }
    return whyUnsafe(root) || whyForeign(root, env);
}

/**
 * A directory of someone else, or that others can replace: what is run from the cache could be theirs.
 * @param {string} root
 */
function whyUnsafe(root) {
    const own = process.getuid ? process.getuid() : 0;
    const there = status(root);
    if (there && there.uid !== own) {
        return (
            `it belongs to another user (uid ${there.uid}, this one is ${own}); ` +
            `if it is yours after all: chown -R ${own} '${root}'`
        );
    }
    // Who owns the machine or the home directory can change what this user runs anyway.
    const trusted = [
        0,
        own,
        ...["/", os.homedir()].map((name) => (status(name) || { uid: own }).uid),
    ];
    for (let parent = path.dirname(root); ; parent = path.dirname(parent)) {
        const { uid = own, mode = 0 } = status(parent) || {};
        if (!trusted.includes(uid)) {
            return `${parent}, where it is, belongs to another user (uid ${uid})`;
        }
        if ((mode & 0o002) !== 0 && (mode & 0o1000) === 0) {
            return `${parent}, where it is, can be changed by every user`;
        }
        if (parent === path.dirname(parent)) {
            return undefined;
        }
    }
}

/**
 * Something is there that is no cache. One from before there was a marker is known by its place or its content.
 * @param {string} root
 * @param {NodeJS.ProcessEnv} env
 */
function whyForeign(root, env) {
    const there = status(root);
    if (!there) {
        return undefined;
    }
    if (!there.isDirectory()) {
        return "it is not a directory";
    }
    const names = fs.readdirSync(root); // before the look for the marker, which another process may be writing
    const marker = readMarker(root);
    const isDefault = root === realPath(defaultRoot(env));
    if (names.length === 0 || marker === MARKER_TEXT || isDefault) {
        return undefined;
    }
    const others = names.filter((name) => !isEntry(name));
    // Without a marker, `locks` is the one that all caches had; one cut off in the middle is of this program, too.
    const isOld = marker === undefined ? names.includes("locks") : MARKER_TEXT.startsWith(marker);
    if (others.length === 0 && isOld) {
        return undefined;
    }
    const [first] = others.length > 0 ? others : names;
    return `it holds other things already ("${first}"${names.length > 1 ? " and more" : ""})`;
}

/**
 * Whether a directory bears the mark of a cache of multinet, as far as this user can read it.
 * @param {string} root
 */
export function isMarked(root) {
    return readMarker(root) === MARKER_TEXT;
}

/**
 * @param {string} root
 */
function readMarker(root) {
    try {
        return fs.readFileSync(path.join(root, MARKER), "utf8");
    } catch (_) {
        return undefined;
    }
}

/**
 * @param {string} name
 */
function status(name) {
    try {
        return fs.statSync(name);
    } catch (_) {
        return undefined;
    }
}

/**
 * The path without symbolic links, as far as it is there.
 * @param {string} name
 * @returns {string}
 */
function realPath(name) {
    try {
        return fs.realpathSync(name);
    } catch (_) {
        const parent = path.dirname(name);
        return parent === name ? name : path.join(realPath(parent), path.basename(name));
    }
}

/**
 * Where file systems are mounted on this machine.
 * @returns {string[]}
 */
export function mountPoints() {
    try {
        const lines = fs.readFileSync("/proc/self/mountinfo", "utf8").trim().split("\n");
        return lines.map((line) => {
            const [, , , , where = ""] = line.split(" ");
            return where.replace(/\\(\d{3})/g, (_, code) => String.fromCharCode(parseInt(code, 8)));
        });
    } catch (_) {
        return []; // not Linux
    }
}
