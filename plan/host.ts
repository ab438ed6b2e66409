/** A machine that commands run on. */
export interface Host {
    /** What Node calls its operating system and processor: `linux`, `x64`. */
    platform: string;
    arch: string;
    /** Text of /etc/os-release; empty where there is none. */
    release: string;
}

/** What differs between machines that multinet runs on. */
export interface Capabilities {
    /** Containers run on this machine's own kernel, not in a virtual machine: its limits, routes and options count. */
    ownKernel: boolean;
    /** Debian packages can be installed. */
    apt: boolean;
    /** A container engine of our own can run. */
    ownEngine: boolean;
    /** Tools and images can be built from source. */
    build: boolean;
    /** Where processes are looked up: the file system /proc, or the program ps. */
    processes: "proc" | "ps";
    /** How a file is locked: by the program flock, or as it is opened. */
    fileLock: "flock" | "open";
}

export function capabilities({ platform, arch, release }: Host): Capabilities {
    const linux = platform === "linux";
    return {
        ownKernel: linux,
        apt: linux && /^(ID|ID_LIKE)=.*(debian|ubuntu)/m.test(release),
        ownEngine: linux,
        build: linux && arch === "x64",
        processes: linux ? "proc" : "ps",
        fileLock: linux ? "flock" : "open",
    };
}
