import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { closeSync, existsSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { privateDirectory, type Cache } from "./cache.ts";
import { answers } from "./dockerApi.ts";
import { withLock } from "./lock.ts";
import { locate, pathDirectories } from "./onPath.ts";
import { identity, isAlive, type ProcessIdentity } from "./processIdentity.ts";

const DEFAULT_SOCKET = "unix:///var/run/docker.sock";

/** Milliseconds for the engine to start, and to stop: it ends its containers first. */
const PATIENCE = 60_000;

/**
 * The container engine: the one that the machine has (DOCKER_HOST or the default socket), else one of our own, with
 * its own data directory and socket, which lives until `npm run clean` or `node multinet.mjs stop`.
 */
export class Engine {
    private readonly cache: Cache;
    private readonly runtime: string;
    private readonly record: string;
    /** Where an engine of our own listens. */
    readonly ownHost: string;

    constructor(cache: Cache) {
        const hash = createHash("sha256").update(cache.root).digest("hex").slice(0, 8);
        this.cache = cache;
        // Socket paths must be short, and what is in here must not survive a restart of the machine.
        this.runtime = `/run/multinet-${hash}`;
        this.ownHost = `unix://${this.runtime}/docker.sock`;
        this.record = cache.path("engine", "engine.json");
    }

    /** The address of an engine that answers. */
    async find(): Promise<string | undefined> {
        const chosen = process.env["DOCKER_HOST"];
        if (chosen && chosen !== this.ownHost) {
            if (await answers(chosen)) return chosen;
            throw new Error(
                `No container engine answers at DOCKER_HOST=${chosen}. Start it, or unset DOCKER_HOST so that another ` +
                    "one is looked for, or started.",
            );
        }
        for (const host of [DEFAULT_SOCKET, this.ownHost]) if (await answers(host)) return host;
        return undefined;
    }

    /**
     * Starts an engine of our own, detached from this process, and waits until it answers. `wrapper` is the OCI
     * runtime to use in place of runc, if any. Needs root.
     */
    async start(wrapper: string | undefined, signal: AbortSignal): Promise<string> {
        const lock = this.cache.path("locks", "engine");
        return withLock(
            lock,
            () => undefined,
            () => this.startLocked(wrapper, signal),
            signal,
        );
    }

    private async startLocked(wrapper: string | undefined, signal: AbortSignal): Promise<string> {
        if (await answers(this.ownHost)) return this.ownHost;
        const args = [
            ...["--host", this.ownHost],
            ...["--data-root", privateDirectory(this.cache.path("engine", "data"))],
            ...["--exec-root", join(privateDirectory(this.runtime), "exec")],
            ...["--pidfile", join(this.runtime, "dockerd.pid")],
        ];
        if (wrapper)
            args.push("--add-runtime", `multinet=${wrapper}`, "--default-runtime", "multinet");
        const log = this.cache.path("logs", "dockerd.log");
        const output = openSync(log, "w", 0o600);
        const child = spawn(
            locate("dockerd", [...pathDirectories(), "/usr/sbin", "/sbin"]) ?? "dockerd",
            args,
            {
                cwd: "/", // it outlives this project's directory
                stdio: ["ignore", output, output],
                detached: true,
            },
        );
        closeSync(output);
        child.unref();
        await new Promise((resolve, reject) => child.once("spawn", resolve).once("error", reject));
        const started = identity(child.pid!);
        writeFileSync(this.record, JSON.stringify(started), { mode: 0o600 });
        await this.untilItAnswers(started, log, signal);
        return this.ownHost;
    }

    private async untilItAnswers(
        started: ProcessIdentity,
        log: string,
        signal: AbortSignal,
    ): Promise<void> {
        for (const end = Date.now() + PATIENCE; Date.now() < end;) {
            if (await answers(this.ownHost)) return;
            if (!isAlive(started)) break;
            await sleep(200, undefined, { signal });
        }
        const said = readFileSync(log, "utf8").trimEnd().split("\n").slice(-10).join("\n  ");
        throw new Error(
            `The container engine (dockerd) ${isAlive(started) ? "does not answer" : "ended at once"}. Its last ` +
                `lines:\n  ${said}\nThe whole log: ${log}. A Docker of your own can be used instead: start it, and ` +
                "set DOCKER_HOST if it does not listen on the default socket.",
        );
    }

    /** Our own engine, if this toolchain has started one that still runs. */
    running(): ProcessIdentity | undefined {
        if (!existsSync(this.record)) return undefined;
        const started = JSON.parse(readFileSync(this.record, "utf8")) as ProcessIdentity;
        return isAlive(started) ? started : undefined;
    }

    /** Stops the engine that this toolchain started, with its containers. False if there is none. */
    async stop(): Promise<boolean> {
        const engine = this.running();
        if (engine) {
            process.kill(engine.pid, "SIGTERM");
            const end = Date.now() + PATIENCE;
            while (isAlive(engine) && Date.now() < end) await sleep(100);
            if (isAlive(engine)) process.kill(engine.pid, "SIGKILL");
        }
        rmSync(this.record, { force: true });
        rmSync(this.runtime, { recursive: true, force: true });
        return engine !== undefined;
    }
}

const CAP_SYS_RESOURCE = 24n;

/** Whether privileged containers can only be started through the runtime wrapper. */
export function lacksCapability(status = readFileSync("/proc/self/status", "utf8")): boolean {
    const bounding = /^CapBnd:\s*([0-9a-f]+)$/m.exec(status)?.[1] ?? "0";
    return ((BigInt(`0x${bounding}`) >> CAP_SYS_RESOURCE) & 1n) === 0n;
}
