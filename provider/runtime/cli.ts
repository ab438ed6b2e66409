import { setTimeout } from "node:timers/promises";
import { CommandFailed, CommandTimeout } from "../../system/process.ts";
import { exec, type ExecOptions } from "../exec.ts";
import { ask, IdleTimeout } from "../http.ts";
import type { Answer } from "../http.ts";
import type {
    Container,
    Engine,
    Limits,
    Network,
    Runtime,
    RuntimeName,
    Selection,
} from "./runtime.ts";
import { thaw } from "./frozen.ts";
import { RuntimeSilent } from "./silent.ts";
import { unnamedFile } from "./unnamedFile.ts";
import { patient } from "../../plan/patience.ts";

/** In what the command line programs differ. */
export interface Dialect {
    name: RuntimeName;
    networkVariable: string;
    /** One element of `inspect --type container`. */
    container(inspected: never): Container;
    /** One element of `network inspect`. */
    network(inspected: never): Network;
    /** What tells one engine from another in what `info` says. */
    engineId(info: never): string;
    /** Variables that say which engine the program talks to, the strongest first. */
    addressVariables: string[];
    /** What its standard error says when no engine answers, and only then. */
    silent: RegExp;
    /** Flags for the removal of containers, besides those that all take. */
    removal: string[];
    /**
     * Path of the socket where the engine answers by HTTP what the program prints, if there is one. To look at a thing
     * that way costs a twentieth of starting the program.
     */
    socket?(): string | undefined;
}

/** Milliseconds until an engine that says nothing counts as silent. */
const ANSWER_TIME = 30_000;

/** Lines at the end of a container's log that are read: a node's boot has some hundred. */
const LOG_LINES = 300;

/** How often, and how many milliseconds apart, a removal by someone else is looked at. */
const REMOVAL_CHECKS = 60;
const REMOVAL_PAUSE = 500;

/** What else it says then. A program that runs inside a container may say the same of a connection of its own. */
const UNCONNECTED = /connection refused|context deadline exceeded|i\/o timeout/i;

const MISSING = /no such (container|object)/i;

/** A container engine used through its command line program, which is a client of the same name. */
export class CliRuntime implements Runtime {
    readonly name: RuntimeName;
    private readonly dialect: Dialect;

    constructor(dialect: Dialect) {
        this.name = dialect.name;
        this.dialect = dialect;
    }

    async engine(limits?: Limits): Promise<Engine> {
        const [answer] = (await this.direct(["/info"], limits)) ?? [];
        const info =
            answer?.status === 200
                ? answer.text
                : await this.call(["info", "--format", "{{json .}}"], limits);
        const id = this.dialect.engineId(JSON.parse(info) as never);
        if (!id) {
            throw this.silent(new Error(`\`${this.name} info\` does not say which engine it is`));
        }
        const variable = this.dialect.addressVariables.find((name) => process.env[name]);
        const address = variable
            ? `${variable}=${process.env[variable] ?? ""}`
            : "its default address";
        return { id, address };
    }

    kindEnv(network: string): Record<string, string> {
        return {
            KIND_EXPERIMENTAL_PROVIDER: this.name,
            [this.dialect.networkVariable]: network,
        };
    }

    async containers(selection: Selection, limits?: Limits): Promise<Container[]> {
        if ("names" in selection) {
            return this.inspect(selection.names, limits);
        }
        const filter = ["--all", "--quiet", "--no-trunc", "--filter", `label=${selection.label}`];
        return this.inspect(lines(await this.call(["ps", ...filter], limits)), limits);
    }

    exec(container: string, argv: string[], options: ExecOptions = {}): Promise<string> {
        const args = ["exec", "--interactive", container, ...argv];
        return this.call(args, { timeout: 60_000, ...options });
    }

    async start({ id, state }: Container, limits?: Limits): Promise<void> {
        await this.call([state === "paused" ? "unpause" : "start", id], limits);
    }

    async restart({ id }: Container, limits?: Limits): Promise<void> {
        await this.call(["restart", id], limits);
    }

    async connect({ id }: Container, network: string, limits?: Limits): Promise<void> {
        // One that it remembers, gone or not, would be in the way.
        await this.call(["network", "disconnect", "--force", network, id], limits).catch(
            (error: unknown) => {
                if (!(error instanceof CommandFailed) || error instanceof CommandTimeout) {
                    throw error;
                }
            },
        );
        await this.call(["network", "connect", network, id], limits);
    }

    async run(name: string, args: string[], env: string[], limits?: Limits): Promise<string> {
        const file = await unnamedFile(env.map((pair) => `${pair}\n`).join(""));
        try {
            const flags = ["--detach", "--name", name, "--env-file", "/dev/fd/3"];
            const options = { ...limits, inherit: file.fd };
            return (await this.call(["run", ...flags, ...args], options)).trim();
        } finally {
            await file.close();
        }
    }

    logs(container: string, limits?: Limits): Promise<string> {
        return this.call(["logs", `--tail=${LOG_LINES}`, container], limits);
    }

    async remove(targets: Container[], limits?: Limits): Promise<void> {
        if (targets.length === 0) {
            return;
        }
        const ids = targets.map(({ id }) => id);
        const rm = () =>
            this.call(["rm", "--force", "--volumes", ...this.dialect.removal, ...ids], {
                timeout: 120_000,
                ...limits,
            });
        try {
            await rm().catch(async (error: unknown) => {
                if (!(await thaw(ids))) {
                    throw error;
                }
                await rm();
            });
        } catch (error) {
            await this.removedElsewhere(ids, error, limits);
        }
    }

    async setMemory(container: string, bytes: number, limits?: Limits): Promise<void> {
        const limit = [`--memory=${bytes}`, `--memory-swap=${bytes}`];
        await this.call(["update", ...limit, container], limits);
    }

    async networks(limits?: Limits): Promise<Network[]> {
        const [answer] = (await this.direct(["/networks"], limits)) ?? [];
        if (answer?.status === 200) {
            return this.networksOf(answer.text);
        }
        const ids = lines(await this.call(["network", "ls", "--quiet"], limits));
        if (ids.length === 0) {
            return [];
        }
        return this.networksOf(await this.call(["network", "inspect", ...ids], limits));
    }

    private networksOf(text: string): Network[] {
        return (JSON.parse(text) as never[]).map((one) => this.dialect.network(one));
    }

    protected async call(args: string[], options: ExecOptions = {}): Promise<string> {
        try {
            return await exec(this.name, args, { timeout: ANSWER_TIME, ...options });
        } catch (error) {
            // What runs inside a container may fail so while the engine itself is well.
            const inside = args[0] === "exec";
            const unheard =
                error instanceof CommandFailed &&
                (this.dialect.silent.test(error.stderr) ||
                    (!inside &&
                        (error instanceof CommandTimeout || UNCONNECTED.test(error.stderr))));
            throw unheard ? this.silent(error) : error;
        }
    }

    private silent(error: Error): RuntimeSilent {
        return new RuntimeSilent(
            `${this.name} does not answer, so nothing was changed or taken for gone. ` +
                `\`${this.name} ps\` has to work in this shell first.\n${error.message}`,
        );
    }

    /** What the engine says by its socket at each path; undefined if its program must be asked instead. */
    private async direct(paths: string[], limits: Limits = {}): Promise<Answer[] | undefined> {
        const socketPath = this.dialect.socket?.();
        if (socketPath === undefined) {
            return undefined;
        }
        const { signal, timeout = ANSWER_TIME } = limits;
        try {
            const options = { socketPath, signal, idleTimeout: patient(timeout) };
            return await Promise.all(paths.map((path) => ask(`http://engine${path}`, options)));
        } catch (error) {
            signal?.throwIfAborted();
            if (error instanceof IdleTimeout) {
                throw this.silent(error);
            }
            return undefined; // its program says what is wrong
        }
    }

    /** Inspects by name or id. Only what the engine itself calls missing is left out. */
    private async inspect(targets: string[], limits?: Limits): Promise<Container[]> {
        if (targets.length === 0) {
            return [];
        }
        const paths = targets.map((target) => `/containers/${encodeURIComponent(target)}/json`);
        const answers = await this.direct(paths, limits);
        const isFinal = ({ status, text }: Answer) =>
            status === 200 || (status === 404 && MISSING.test(text));
        if (answers?.every(isFinal)) {
            return answers
                .filter(({ status }) => status === 200)
                .map(({ text }) => this.dialect.container(JSON.parse(text) as never));
        }
        const args = ["inspect", "--type", "container", ...targets];
        let found: string;
        try {
            found = await this.call(args, limits);
        } catch (error) {
            if (!(error instanceof CommandFailed) || !MISSING.test(error.stderr)) {
                throw error;
            }
            found = error.stdout;
            const missing = error.stderr.split("\n").filter((line) => MISSING.test(line));
            const listed = (JSON.parse(found || "[]") as unknown[]).length;
            if (listed + missing.length < targets.length) {
                throw error;
            }
        }
        return (JSON.parse(found || "[]") as never[]).map((one) => this.dialect.container(one));
    }

    /** When someone else removes the same containers, ours fails and all is well as soon as theirs is done. */
    private async removedElsewhere(ids: string[], error: unknown, limits?: Limits): Promise<void> {
        const busy =
            error instanceof CommandFailed && /no such container|in progress/i.test(error.stderr);
        for (let attempt = 0; busy && attempt < patient(REMOVAL_CHECKS); attempt++) {
            if ((await this.inspect(ids, limits)).length === 0) {
                return;
            }
            await setTimeout(REMOVAL_PAUSE, undefined, limits?.signal && { signal: limits.signal });
        }
        throw error;
    }
}

function lines(text: string): string[] {
    return text.split("\n").filter((line) => line !== "");
}
