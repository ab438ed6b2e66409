import { spawn } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { patient } from "../../plan/patience.ts";

const NOT_USED = [
    "io.containerd.cri.v1.images",
    "io.containerd.cri.v1.runtime",
    "io.containerd.grpc.v1.cri",
    "io.containerd.nri.v1.nri",
];

/** Milliseconds for it to get ready, and to end. */
const START = patient(60_000);
const STOP = 10_000;

/** A running containerd. */
export interface Containerd {
    /** Path of its socket. */
    address: string;
    /** Ends it; returns when it has ended. */
    stop(): Promise<void>;
}

/**
 * Starts a containerd of this machine's own that keeps its images in `root`; returns when it is ready.
 *
 * @param programs directory of the containerd program
 * @param run empty directory with a short path (a socket's may have no more than 107 characters)
 */
export async function startContainerd(
    programs: string,
    root: string,
    run: string,
): Promise<Containerd> {
    const address = join(run, "socket");
    const config = join(run, "config.toml");
    await writeFile(config, `version = 3\ndisabled_plugins = ${JSON.stringify(NOT_USED)}\n`);
    const daemon = [join(programs, "containerd"), "--config", config, "--root", root];
    daemon.push("--state", join(run, "state"), "--address", address);
    // Its mounts go with the namespace, and it does not outlive a killed parent.
    const inNamespace = ["--mount", "--propagation", "private", "setpriv", "--pdeathsig", "KILL"];
    const child = spawn("unshare", [...inNamespace, ...daemon], {
        stdio: ["ignore", "ignore", "pipe"],
    });
    const ended = new Promise<void>((resolve) => child.once("close", () => resolve()));
    const stop = async () => {
        child.kill("SIGTERM");
        const timer = setTimeout(() => child.kill("SIGKILL"), STOP);
        await ended;
        clearTimeout(timer);
    };
    const ready = new Promise<void>((resolve, reject) => {
        let said = "";
        const silent = () => reject(new Error(`containerd did not get ready:\n${said.trim()}`));
        const timer = setTimeout(silent, START);
        void ended.then(() => clearTimeout(timer));
        child.once("error", reject);
        child.stderr.on("data", (chunk: Buffer) => {
            said = (said + chunk.toString()).slice(-10_000);
            if (said.includes("containerd successfully booted")) {
                resolve();
            }
        });
        void ended.then(() => reject(new Error(`containerd did not start:\n${said.trim()}`)));
    });
    try {
        await ready;
    } catch (error) {
        await stop();
        throw error;
    }
    return { address, stop };
}
