import { createHash } from "node:crypto";
import type { Answer, EngineInfo } from "../../../system/dockerApi.ts";
import type { EngineFacts } from "../../../cli/setup/engineAddress.ts";
import type { Kernel } from "../../../cli/setup/engineProblems.ts";
import type { Host } from "../../../plan/host.ts";

/** What a machine of users says, as far as finding its engine and judging it goes. */
export interface RecordedHost {
    host: Host;
    facts: EngineFacts;
    kernel: Kernel;
    /** What answers at each address; nothing listens at others. */
    engines: Record<string, { answer: Answer; info?: EngineInfo }>;
}

const GIBIBYTE = 2 ** 30;

interface Recorded {
    host: Host;
    kernel: Kernel;
    home: string;
    uid?: number;
    env?: NodeJS.ProcessEnv;
    files?: Record<string, string>;
    engines?: RecordedHost["engines"];
}

function record({
    uid = 1000,
    env = {},
    files = {},
    engines = {},
    ...rest
}: Recorded): RecordedHost {
    const sockets = Object.keys(engines).map((address) => address.replace("unix://", ""));
    const facts: EngineFacts = {
        platform: rest.host.platform,
        env,
        home: rest.home,
        uid,
        user: rest.home.split("/").at(-1)!,
        read: (file) => files[file],
        exists: (path) => sockets.includes(path) || path in files,
        names: [rest.kernel.hostname, "192.168.1.20"],
    };
    return { host: rest.host, kernel: rest.kernel, facts, engines };
}

/** The two files by which docker knows a context. */
export function context(folder: string, name: string, Host: string): Record<string, string> {
    const id = createHash("sha256").update(name).digest("hex");
    const Endpoints = { docker: { Host, SkipTLSVerify: false } };
    return {
        [`${folder}/config.json`]: JSON.stringify({ auths: {}, currentContext: name }),
        [`${folder}/contexts/meta/${id}/meta.json`]: JSON.stringify({ Name: name, Endpoints }),
    };
}

const ubuntu = {
    platform: "linux",
    arch: "x64",
    release: 'NAME="Ubuntu"\nID=ubuntu\nID_LIKE=debian\n',
};
const ubuntuKernel = { release: "6.8.0-45-generic", hostname: "lab" };
const dockerOfUbuntu: EngineInfo = {
    Name: "lab",
    KernelVersion: "6.8.0-45-generic",
    OperatingSystem: "Ubuntu 24.04.1 LTS",
    DockerRootDir: "/var/lib/docker",
    MemTotal: 16 * GIBIBYTE,
};
const DEFAULT = "unix:///var/run/docker.sock";
const mac = { platform: "darwin", arch: "arm64", release: "" };
const macKernel = { release: "24.6.0", hostname: "annas-mac.local" };
const virtualMachine: EngineInfo = {
    Name: "docker-desktop",
    KernelVersion: "6.10.14-linuxkit",
    OperatingSystem: "Docker Desktop",
    DockerRootDir: "/var/lib/docker",
    MemTotal: 8 * GIBIBYTE,
};

/** Machines of users, as the documentation of their engines describes them. */
export const hosts = {
    "Mac with Docker Desktop": record({
        host: mac,
        kernel: macKernel,
        home: "/Users/anna",
        uid: 501,
        files: context(
            "/Users/anna/.docker",
            "desktop-linux",
            "unix:///Users/anna/.docker/run/docker.sock",
        ),
        engines: {
            "unix:///Users/anna/.docker/run/docker.sock": {
                answer: "answers",
                info: virtualMachine,
            },
        },
    }),
    "Mac with Colima": record({
        host: mac,
        kernel: macKernel,
        home: "/Users/anna",
        uid: 501,
        engines: {
            "unix:///Users/anna/.colima/default/docker.sock": {
                answer: "answers",
                info: {
                    ...virtualMachine,
                    Name: "colima",
                    OperatingSystem: "Ubuntu 24.04.1 LTS",
                    MemTotal: 2 * GIBIBYTE,
                },
            },
        },
    }),
    "Mac without an engine": record({
        host: mac,
        kernel: macKernel,
        home: "/Users/anna",
        uid: 501,
    }),
    "Ubuntu, user in group docker": record({
        host: ubuntu,
        kernel: ubuntuKernel,
        home: "/home/anna",
        engines: { [DEFAULT]: { answer: "answers", info: dockerOfUbuntu } },
    }),
    "Ubuntu, user without permission": record({
        host: ubuntu,
        kernel: ubuntuKernel,
        home: "/home/anna",
        files: { "/etc/group": "root:x:0:\ndocker:x:998:bob,annabel\n" },
        engines: { [DEFAULT]: { answer: "denied" } },
    }),
    "Ubuntu, user in group docker since the login": record({
        host: ubuntu,
        kernel: ubuntuKernel,
        home: "/home/anna",
        files: { "/etc/group": "docker:x:998:bob,anna\n" },
        engines: { [DEFAULT]: { answer: "denied" } },
    }),
    "Ubuntu with Docker as a snap": record({
        host: ubuntu,
        kernel: ubuntuKernel,
        home: "/home/anna",
        engines: {
            [DEFAULT]: {
                answer: "answers",
                info: {
                    ...dockerOfUbuntu,
                    DockerRootDir: "/var/snap/docker/common/var-lib-docker",
                },
            },
        },
    }),
    "Ubuntu with rootless Docker": record({
        host: ubuntu,
        kernel: ubuntuKernel,
        home: "/home/anna",
        env: { XDG_RUNTIME_DIR: "/run/user/1000" },
        files: context("/home/anna/.docker", "rootless", "unix:///run/user/1000/docker.sock"),
        engines: {
            [DEFAULT]: { answer: "denied" },
            "unix:///run/user/1000/docker.sock": {
                answer: "answers",
                info: { ...dockerOfUbuntu, DockerRootDir: "/home/anna/.local/share/docker" },
            },
        },
    }),
    "Fedora with rootless Podman": record({
        host: { platform: "linux", arch: "x64", release: 'NAME="Fedora Linux"\nID=fedora\n' },
        kernel: { release: "6.11.4-301.fc41.x86_64", hostname: "fedora" },
        home: "/home/anna",
        env: { XDG_RUNTIME_DIR: "/run/user/1000" },
        engines: {
            "unix:///run/user/1000/podman/podman.sock": {
                answer: "answers",
                info: {
                    Name: "fedora",
                    KernelVersion: "6.11.4-301.fc41.x86_64",
                    OperatingSystem: "fedora",
                    DockerRootDir: "/home/anna/.local/share/containers/storage",
                    MemTotal: 16 * GIBIBYTE,
                },
            },
        },
    }),
    "WSL2 with Docker Desktop": record({
        host: ubuntu,
        kernel: { release: "5.15.167.4-microsoft-standard-WSL2", hostname: "PC-ANNA" },
        home: "/home/anna",
        engines: {
            [DEFAULT]: {
                answer: "answers",
                info: { ...virtualMachine, KernelVersion: "5.15.167.4-microsoft-standard-WSL2" },
            },
        },
    }),
    "arm64 Linux": record({
        host: { platform: "linux", arch: "arm64", release: "ID=debian\n" },
        kernel: { release: "6.12.0-arm64", hostname: "pi" },
        home: "/home/anna",
        engines: {
            [DEFAULT]: {
                answer: "answers",
                info: { ...dockerOfUbuntu, Name: "pi", KernelVersion: "6.12.0-arm64" },
            },
        },
    }),
    "NixOS without an engine": record({
        host: { platform: "linux", arch: "x64", release: "ID=nixos\nNAME=NixOS\n" },
        kernel: { release: "6.6.54", hostname: "nixos" },
        home: "/home/anna",
    }),
    "dev container with the socket of its host": record({
        host: { platform: "linux", arch: "x64", release: "ID=debian\n" },
        kernel: { release: "6.8.0-45-generic", hostname: "3f1c09a7be52" },
        home: "/root",
        uid: 0,
        engines: { [DEFAULT]: { answer: "answers", info: dockerOfUbuntu } },
    }),
    "Docker in Docker": record({
        host: ubuntu,
        kernel: ubuntuKernel,
        home: "/home/anna",
        env: { DOCKER_HOST: "tcp://127.0.0.1:2375" },
        engines: {
            "tcp://127.0.0.1:2375": {
                answer: "answers",
                info: { ...dockerOfUbuntu, Name: "8c2d11d0a9f4" },
            },
        },
    }),
} satisfies Record<string, RecordedHost>;
