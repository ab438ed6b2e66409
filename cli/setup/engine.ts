import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { closeSync, openSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { privateDirectory, type Cache } from "../../system/cache.ts";
import { answers } from "../../system/dockerApi.ts";
import { withLock } from "../../system/lock.ts";
import { boundLog } from "../../system/logFile.ts";
import { locate, pathDirectories } from "./onPath.ts";
import { identity, isAlive } from "../../system/processIdentity.ts";
import { isOwn, runningProcesses, type RunningProcess } from "../../system/processes.ts";
import { unmountAll } from "../../system/removal.ts";
import { until } from "../../system/until.ts";

/** Milliseconds for the engine to start, and to stop: it ends its containers first. */
const TIMEOUT = 60_000;

/** Milliseconds for one of the questions that are asked until then. */
const PING_TIMEOUT = 10_000;

/**
 * A container engine of our own, with its own data directory and socket, which lives until `npm run clean` or `node
 * multinet.mjs stop`. It is known by its command line alone: a note of its process could be lost or out of date.
 */
export class Engine {
    /** Where an engine of our own listens. */
    readonly ownHost: string;
    /** What an engine of our own keeps: images, containers, volumes. */
    readonly data: string;
    private readonly runtime: string;
    private readonly lock: string;
    private readonly log: string;
    private readonly timeout: number;

    /** `run` is the directory for what must not survive a restart of the machine. */
    constructor(cache: Cache, timeout = TIMEOUT, run = "/run") {
        const hash = createHash("sha256").update(cache.root).digest("hex").slice(0, 8);
        this.runtime = join(run, `multinet-${hash}`); // short, as paths of sockets must be
        this.ownHost = `unix://${this.runtime}/docker.sock`;
        this.data = cache.path("engine", "data");
        this.lock = cache.path("locks", "engine");
        this.log = cache.path("logs", "dockerd.log");
        this.timeout = timeout;
    }

    /**
     * Starts an engine of our own, detached from this process, and waits until it answers. `wrapper` is the OCI
     * runtime to use in place of runc, if any. Needs root.
     */
    async start(wrapper: string | undefined, signal: AbortSignal): Promise<string> {
        const start = async () => {
            if (this.running() === undefined) {
                await this.launch(wrapper);
            }
            return this.untilItAnswers(signal);
        };
        return withLock(this.lock, () => undefined, start, signal);
    }

    /** Its address, once it answers: one that runs but is slow is waited for, not replaced by another. */
    async untilItAnswers(signal?: AbortSignal): Promise<string> {
        boundLog(this.log);
        let isThere = false;
        const settled = async () => {
            isThere = await answers(this.ownHost, Math.min(PING_TIMEOUT, this.timeout));
            return isThere || this.running() === undefined;
        };
        await until(settled, this.timeout, signal);
        if (isThere) {
            return this.ownHost;
        }
        const engine = this.running();
        const what =
            engine === undefined
                ? "ended at once"
                : `runs as process ${engine}, but has not answered for ${this.timeout / 1000} s. See what it does ` +
                  `(ps ${engine}), or stop it (npm run stop -- --force)`;
        const said = readFileSync(this.log, "utf8").trimEnd().split("\n").slice(-10).join("\n  ");
        throw new Error(
            `The container engine (dockerd) ${what}. Its last lines:\n  ${said}\nThe whole log: ${this.log}. A ` +
                "Docker of your own can be used instead: start it, and set DOCKER_HOST if it does not listen on the " +
                "default socket.",
        );
    }

    /** The process of our own engine, if it runs. */
    running(): number | undefined {
        const engines = this.processes().filter(({ args }) => args.includes(this.pidFile));
        return engines.map(({ pid }) => pid).sort((one, other) => one - other)[0];
    }

    /**
     * Stops our own engine, with its containers; false if it does not run. What it needs at run time is removed only
     * when no process of it is left: containers outlive an engine that was killed.
     */
    async stop(signal?: AbortSignal): Promise<boolean> {
        const stop = async () => {
            const engine = this.running();
            const started = engine === undefined ? undefined : identity(engine);
            if (engine !== undefined) {
                process.kill(engine, "SIGTERM");
                process.kill(engine, "SIGCONT"); // a stopped process would not hear of it
            }
            // The command line of a process goes before it does.
            const ended = () =>
                this.processes().length === 0 && !(started !== undefined && isAlive(started));
            if (!(await until(ended, engine === undefined ? 0 : this.timeout, signal))) {
                throw new Error(this.notStopped(engine !== undefined));
            }
            // An engine that was killed leaves mounts behind, and its next start is what tidies them otherwise.
            for (const directory of [this.data, this.runtime]) {
                await unmountAll(directory);
            }
            rmSync(this.runtime, { recursive: true, force: true });
            return engine !== undefined;
        };
        return withLock(this.lock, () => undefined, stop, signal);
    }

    private get pidFile(): string {
        return join(this.runtime, "dockerd.pid");
    }

    private get execRoot(): string {
        return join(this.runtime, "exec");
    }

    /** The engine, its containerd and the shims of its containers: all are given a path below that directory. */
    private processes(): RunningProcess[] {
        const isIn = (argument: string) =>
            argument === this.execRoot || argument.startsWith(`${this.execRoot}/`);
        return runningProcesses()
            .filter(({ args }) => args.some(isIn))
            .filter(isOwn);
    }

    private async launch(wrapper: string | undefined): Promise<void> {
        privateDirectory(this.runtime);
        rmSync(this.pidFile, { force: true }); // none runs, but another process may have that number now
        const args = [
            ...["--host", this.ownHost],
            ...["--data-root", privateDirectory(this.data)],
            ...["--exec-root", this.execRoot],
            ...["--pidfile", this.pidFile],
        ];
        if (wrapper) {
            args.push("--add-runtime", `multinet=${wrapper}`, "--default-runtime", "multinet");
        }
        boundLog(this.log);
        const output = openSync(this.log, "a", 0o600);
        const program = locate("dockerd", [...pathDirectories(), "/usr/sbin", "/sbin"]);
        const child = spawn(program ?? "dockerd", args, {
            cwd: "/", // it outlives this project's directory
            stdio: ["ignore", output, output],
            detached: true,
        });
        closeSync(output);
        child.unref();
        await new Promise((resolve, reject) => child.once("spawn", resolve).once("error", reject));
    }

    private notStopped(told: boolean): string {
        const left = this.processes().map(({ pid, args }) => `  ${pid} ${args[0]}`);
        const why = told
            ? `The container engine did not end within ${this.timeout / 1000} s.`
            : "The container engine (dockerd) is gone, killed perhaps, but what it started still runs. Start it again " +
              "(npm run env), which brings its containers under control, then stop it.";
        return `${why} Its processes:\n${left.join("\n")}\nIts log: ${this.log}. Nothing was removed.`;
    }
}

const CAP_SYS_RESOURCE = 24n;

/** Whether privileged containers can only be started through the runtime wrapper. */
export function lacksCapability(status = readFileSync("/proc/self/status", "utf8")): boolean {
    const bounding = /^CapBnd:\s*([0-9a-f]+)$/m.exec(status)?.[1] ?? "0";
    return ((BigInt(`0x${bounding}`) >> CAP_SYS_RESOURCE) & 1n) === 0n;
}
