/** Processors that tools exist for, as Node names them, with the name that Go and so most publishers use. */
export const ARCHITECTURES = { x64: "amd64", arm64: "arm64" } as const;

export type Architecture = keyof typeof ARCHITECTURES;

/** A kind of machine that the command line's tools are published for; os as Node and all publishers name it. */
export interface Host {
    os: "linux" | "darwin";
    arch: Architecture;
}

export type HostName = `${Host["os"]}-${Architecture}`;

/** All of them, by name. */
export const HOSTS: Record<HostName, Host> = {
    "linux-x64": { os: "linux", arch: "x64" },
    "linux-arm64": { os: "linux", arch: "arm64" },
    "darwin-x64": { os: "darwin", arch: "x64" },
    "darwin-arm64": { os: "darwin", arch: "arm64" },
};

/** The kind of a machine by what Node says of it (`process.platform`, `process.arch`); undefined if it is none of them. */
export function hostOf(platform: string, arch: string): Host | undefined {
    return Object.values(HOSTS).find((host) => host.os === platform && host.arch === arch);
}

export function hostName({ os, arch }: Host): HostName {
    return `${os}-${arch}`;
}
