import { exec, type ExecOptions } from "../../../provider/exec.ts";
import type { Properties } from "../../../provider/resource.ts";
import { CommandFailed } from "../../../system/process.ts";

/** Provider settings that change nothing here. */
const HARMLESS = ["version", "disableDockerDaemonCheck"];

/** How the engine says that a thing is not there; any other failure is no answer to that question. */
const ABSENT = /no such (network|image)|network (\S+ )?not found/i;

/** The container engine, through its command line client. */
export class DockerCli {
    private host: string | undefined;

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

    /** Runs `docker` and returns what it prints. */
    run(args: string[], options: ExecOptions = {}): Promise<string> {
        const env = this.host === undefined ? {} : { DOCKER_HOST: this.host };
        return exec("docker", args, { ...options, env });
    }

    /** The engine's description of a network or an image; undefined if the engine says that there is none. */
    async inspect<T>(
        kind: "network" | "image",
        name: string,
        signal?: AbortSignal,
    ): Promise<T | undefined> {
        try {
            const printed = await this.run(
                [kind, "inspect", "--", name],
                signal === undefined ? {} : { signal },
            );
            const [found] = JSON.parse(printed) as [T];
            return found;
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
