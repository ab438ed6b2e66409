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

/** The option by which Docker's API sets and shows the MTU of a network. */
export const MTU_OPTION = "com.docker.network.driver.mtu";

export interface Network {
    id: string;
    name: string;
    driver: string;
    /** CIDRs. */
    subnets: string[];
    /** Address of the first subnet's gateway, if it has one. */
    gateway?: string | undefined;
    /** MTU in bytes, if it was stated. */
    mtu?: number | undefined;
    labels: Record<string, string>;
}

/** Which engine answers. */
export interface Engine {
    /** The same for as long as its data directory lives, wherever it listens. */
    id: string;
    /** Where it was found, in the words of its client's environment. */
    address: string;
}

/** Which container: by name or id, or by a label `key=value`. */
export type Selection = { names: string[] } | { label: string };

/** How a call may be cut short. */
export type Limits = Pick<ExecOptions, "signal" | "timeout">;

/**
 * What the provider needs of a container engine. Everything throws `RuntimeSilent` (silent.ts) when the engine does not answer;
 * what a list leaves out is gone for certain.
 */
export interface Runtime {
    name: RuntimeName;
    engine(limits?: Limits): Promise<Engine>;
    /** Environment that makes kind use this engine and that network. */
    kindEnv(network: string): Record<string, string>;
    containers(selection: Selection, limits?: Limits): Promise<Container[]>;
    /** Runs a program in a running container and returns its standard output. */
    exec(container: string, argv: string[], options?: ExecOptions): Promise<string>;
    /** Starts or unpauses. */
    start(container: Container, limits?: Limits): Promise<void>;
    restart(container: Container, limits?: Limits): Promise<void>;
    /** Attaches a container to a network, anew if it was attached to one of that name before. */
    connect(container: Container, network: string, limits?: Limits): Promise<void>;
    /**
     * Runs a new container in the background and returns its id; `args` are the engine's own flags, the last is the
     * image. `env` is its environment, `NAME=value`, which may hold secrets and shows in no argument list.
     */
    run(name: string, args: string[], env: string[], limits?: Limits): Promise<string>;
    /** The last lines that a container wrote. */
    logs(container: string, limits?: Limits): Promise<string>;
    /** Removes containers, running or not, with their anonymous volumes. Those that are gone are no error. */
    remove(containers: Container[], limits?: Limits): Promise<void>;
    /** Limits memory, swap included, to `bytes`. */
    setMemory(container: string, bytes: number, limits?: Limits): Promise<void>;
    networks(limits?: Limits): Promise<Network[]>;
}
