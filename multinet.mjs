// Entry to all commands. Runs on any Node from 12.22 on and needs no package: it finds or installs a Node that runs
// TypeScript, and hands over to cli/main.ts.
import { spawn, spawnSync } from "child_process";
import fs from "fs";
import os from "os";
import path from "path";
import { fileURLToPath } from "url";
import { cacheRoot, claimCache } from "./system/cachePlace.mjs";

const project = path.dirname(fileURLToPath(import.meta.url));
const manifest = path.join(project, "cli", "node");
const lock = JSON.parse(fs.readFileSync(path.join(manifest, "package-lock.json"), "utf8"));

/** The npm package that has a Node for this machine, if there is one; its name says which machine that is. */
const nodePackage = `node-${process.platform}-${process.arch}`;
const locked = lock.packages[`node_modules/${nodePackage}`];

/** What runs TypeScript without a flag and obeys NODE_USE_ENV_PROXY. */
const WANTED = "Node 22.21 or later of its line, or 24 or later";

/** Milliseconds for npm to fetch it. */
const NPM_TIMEOUT = 20 * 60_000;

function isNewEnough(version) {
    const [major, minor] = version.split(".").map(Number);
    return major >= 24 || (major === 22 && minor >= 21);
}

/** Why multinet does not run on this machine, with what to do. */
function whyUnsupported({ platform, arch }) {
    if (platform === "win32") {
        return "This is Windows. Use WSL2: install a Linux distribution (wsl --install) and run multinet in it.";
    }
    if (!["linux", "darwin"].includes(platform) || !["x64", "arm64"].includes(arch)) {
        return `This is ${platform} on ${arch}; multinet is for Linux and macOS on amd64 and arm64.`;
    }
    return undefined;
}

function claimedCache() {
    try {
        return claimCache(cacheRoot(process.env));
    } catch (error) {
        return fail(error.message);
    }
}

/** Installs the pinned Node beside its place and renames it, so that two runs cannot spoil it. */
function installedNode() {
    const { node } = process.versions;
    if (!locked) {
        fail(`multinet needs ${WANTED}; this is ${node}. Install one (nodejs.org/download).`);
    }
    const pinned = locked.version;
    const home = path.join(claimedCache(), "tools", `node-${pinned}`);
    const place = ["node_modules", nodePackage, "bin", "node"];
    const program = path.join(home, ...place);
    if (fs.existsSync(program)) {
        return program;
    }
    console.error(`Node ${node} is too old: installing Node ${pinned} from npm into the cache ...`);
    const partial = `${home}.partial-${process.pid}`;
    fs.mkdirSync(partial, { recursive: true, mode: 0o700 });
    for (const file of ["package.json", "package-lock.json"]) {
        fs.copyFileSync(path.join(manifest, file), path.join(partial, file));
    }
    const flags = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"];
    const npm = spawnSync("npm", flags, {
        cwd: partial,
        stdio: ["ignore", 2, 2],
        timeout: NPM_TIMEOUT,
    });
    // An optional package that npm could not fetch is no error to it.
    if (npm.status !== 0 || !fs.existsSync(path.join(partial, ...place))) {
        remove(partial);
        const why = npm.error ? npm.error.message : `npm ended with ${npm.status}`;
        fail(
            `Could not install Node ${pinned}: ${why}.\nCheck that npm reaches its registry, or install ${WANTED} ` +
                "yourself and try again.",
        );
    }
    try {
        fs.renameSync(partial, home);
    } catch (error) {
        if (!fs.existsSync(program)) {
            throw error;
        }
        // Another run was faster.
        remove(partial);
    }
    return program;
}

function remove(directory) {
    (fs.rmSync || fs.rmdirSync)(directory, { recursive: true });
}

/** `verify` tells by 1 that a connection fails; all else is 2 there. */
function fail(message) {
    console.error(message);
    process.exit(process.argv[2] === "verify" ? 2 : 1);
}

process.on("uncaughtException", (error) => fail(error.stack));
const unsupported = whyUnsupported(process);
if (unsupported) {
    fail(unsupported);
}
const node = isNewEnough(process.versions.node) ? process.execPath : installedNode();
const args = ["--disable-warning=ExperimentalWarning", path.join(project, "cli", "main.ts")];
// Downloads go through the proxy that the environment names and trust what the system trusts, as everything else does.
const env = Object.assign({ NODE_USE_ENV_PROXY: "1", NODE_USE_SYSTEM_CA: "1" }, process.env);
// A relative path is meant from here; the command goes to the project's directory.
if (env.MULTINET_CACHE) {
    env.MULTINET_CACHE = cacheRoot(env);
}
const child = spawn(node, [...args, ...process.argv.slice(2)], { stdio: "inherit", env });
// The child may have got the same signal as a member of this process group, so it is told in another way.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
    process.on(signal, () => child.kill("SIGUSR2"));
}
child.on("error", (error) => fail(`Could not start ${node}: ${error.message}`));
child.on("close", (code, signal) => {
    process.exitCode = code === null ? 128 + os.constants.signals[signal] : code;
});
