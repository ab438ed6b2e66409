import type { ExecOptions } from "../exec.ts";

export type RuntimeName = "docker" | "podman";

/** A container as it is now. */
export interface Container {
    id: string;
    name: string;
    image: string;
    state: "running" | "paused" | "stopped";
    labels: Record<string, string>;
    /** Its IPv4 address in each network it belongs to; empty while it is stopped. */
    networks: Record<string, string>;
    /** Memory limit in bytes; 0 for none. */
    memory: number;
    /** Environment, `NAME=value`. */
    env: string[];
    /** Host folders and named volumes it has mounted, as `source:target[:options]`. */
    binds: string[];
    /** Devices of the host it was given, by path. */
    devices: string[];
    /** Kernel settings of its own. */
    sysctls: Record<string, string>;
    /** `host` where the engine maps user ids but not this container's. */
    userns: string;
}

export interface Network {
    name: string;
    /** CIDRs. */
    subnets: string[];
    labels: Record<string, string>;
}

/** Which container: by name, or by a label `key=value`. */
export type Selection = { names: string[] } | { label: string };

/** How a call may be cut short. */
export type Limits = Pick<ExecOptions, "signal" | "timeout">;

/**
 * What the provider needs of a container engine. Everything throws `RuntimeSilent` (silent.ts) when the engine does not answer;
 * what a list leaves out is gone for certain.
 */
export interface Runtime {
    name: RuntimeName;
    /** Environment that makes kind use this engine and that network. */
    kindEnv(network: string): Record<string, string>;
    containers(selection: Selection, limits?: Limits): Promise<Container[]>;
    /** Runs a program in a running container and returns its standard output. */
    exec(container: string, argv: string[], options?: ExecOptions): Promise<string>;
    /** Starts or unpauses. */
    start(container: Container, limits?: Limits): Promise<void>;
    /** Runs a new container in the background; `args` are the engine's own flags, the last is the image. */
    run(name: string, args: string[], limits?: Limits): Promise<void>;
    /** What a container wrote so far. */
    logs(container: string, limits?: Limits): Promise<string>;
    /** Removes containers, running or not, with their anonymous volumes. Those that are gone are no error. */
    remove(containers: Container[], limits?: Limits): Promise<void>;
    /** Limits memory, swap included, to `bytes`. */
    setMemory(container: string, bytes: number, limits?: Limits): Promise<void>;
    networks(limits?: Limits): Promise<Network[]>;
}
