import { exec, type ExecOptions } from "../../../provider/exec.ts";
import type { Properties } from "../../../provider/resource.ts";
import { CommandFailed } from "../../../system/process.ts";
import { engineProgram } from "../../../system/engineProgram.ts";
import type { Inspected } from "./networkShape.ts";
import { imageForm, networkForm } from "./podmanForms.ts";
import type { PodmanNetwork } from "./podmanForms.ts";

/** Provider settings that change nothing here: the client finds its logins by itself. */
const HARMLESS = ["version", "disableDockerDaemonCheck", "registryAuth"];

/** How the engine says that a thing is not there; any other failure is no answer to that question. */
const ABSENT = /no such (network|image)|network (\S+ )?not found|image not known/i;

/** The container engine, through its command line client. */
export class DockerCli {
    private host: string | undefined;
    readonly program: "docker" | "podman";

    constructor(program = engineProgram()) {
        this.program = program;
    }

    /** Takes the provider's settings; refuses those it would have to ignore. */
    configure(config: Properties): void {
        const { host, ...rest } = config;
        const foreign = Object.keys(rest).filter(
            (name) => !HARMLESS.includes(name) && !name.startsWith("__"),
        );
        if (foreign.length > 0) {
            throw new Error(
                `the substitute for the docker plugin does not support the provider setting ${foreign.join(", ")}: ` +
                    "leave it out; the engine's address is docker:host or the environment variable DOCKER_HOST",
            );
        }
        this.host = typeof host === "string" && host !== "" ? host : undefined;
    }

    /** Runs a command of `docker`, or the same one of `podman`, and returns what it prints. */
    run(args: string[], options: ExecOptions = {}): Promise<string> {
        if (this.host === undefined) {
            return exec(this.program, args, options);
        }
        return this.program === "docker"
            ? exec("docker", args, { ...options, env: { DOCKER_HOST: this.host } })
            : exec("podman", ["--remote", ...args], {
                  ...options,
                  env: { CONTAINER_HOST: this.host },
              });
    }

    /** What the engine says of a network; undefined if it says that there is none. */
    network(name: string, signal?: AbortSignal): Promise<Inspected | undefined> {
        return this.inspect<Inspected, PodmanNetwork>("network", name, networkForm, signal);
    }

    /** The same of an image. */
    image<T extends { Id: string }>(name: string, signal?: AbortSignal): Promise<T | undefined> {
        return this.inspect<T, T>("image", name, imageForm, signal);
    }

    private async inspect<T, P>(
        kind: "network" | "image",
        name: string,
        fromPodman: (one: P) => T,
        signal?: AbortSignal,
    ): Promise<T | undefined> {
        try {
            const printed = await this.run(
                [kind, "inspect", "--", name],
                signal === undefined ? {} : { signal },
            );
            const [found] = JSON.parse(printed) as [T & P];
            return this.program === "podman" ? fromPodman(found) : found;
        } catch (error) {
            if (saysAbsent(error)) {
                return undefined;
            }
            throw new Error(`cannot look at docker ${kind} ${name}: ${words(error)}`);
        }
    }
}

export function saysAbsent(error: unknown): boolean {
    return error instanceof CommandFailed && ABSENT.test(error.stderr);
}

/** What the engine itself said. */
export function words(error: unknown): string {
    if (error instanceof CommandFailed && error.stderr.trim() !== "") {
        return error.stderr.trim();
    }
    return error instanceof Error ? error.message : String(error);
}
