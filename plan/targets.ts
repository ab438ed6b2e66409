/** Processors that tools exist for, as Node names them, with the name that Go and so most publishers use. */
export const ARCHITECTURES = { x64: "amd64", arm64: "arm64" } as const;

export type Architecture = keyof typeof ARCHITECTURES;

/** A kind of machine that the command line's tools are published for; os as Node and all publishers name it. */
export interface Target {
    os: "linux" | "darwin";
    arch: Architecture;
}

export type TargetName = `${Target["os"]}-${Architecture}`;

/** All of them, by name. */
export const TARGETS: Record<TargetName, Target> = {
    "linux-x64": { os: "linux", arch: "x64" },
    "linux-arm64": { os: "linux", arch: "arm64" },
    "darwin-x64": { os: "darwin", arch: "x64" },
    "darwin-arm64": { os: "darwin", arch: "arm64" },
};

/** The kind of a machine by what Node says of it (`process.platform`, `process.arch`); undefined if it is none of them. */
export function targetOf(platform: string, arch: string): Target | undefined {
    return Object.values(TARGETS).find((target) => target.os === platform && target.arch === arch);
}

export function targetName({ os, arch }: Target): TargetName {
    return `${os}-${arch}`;
}
