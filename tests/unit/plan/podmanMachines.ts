import type { PodmanFacts } from "../../../plan/rules/podmanHost.ts";

/** Debian 12 as in the recorded answers: all that rootless Podman needs was put there. */
export const ABLE: PodmanFacts = {
    user: "user",
    rootless: true,
    version: "4.3.1",
    cgroup: "v2",
    cgroupManager: "systemd",
    controllers: ["cpuset", "cpu", "io", "memory", "pids"],
    lingers: true,
    subordinate: { uids: 65_536, gids: 65_536 },
    missingIdPrograms: [],
    kernel: "6.1.0-50-amd64",
    storage: { driver: "overlay", mountProgram: undefined },
    unloadedModules: [],
    inotify: { instances: 512, watches: 524_288 },
    networkBackend: "netavark",
    hasNameServer: true,
    wayOut: "slirp4netns",
};

/** A machine on which Podman was only just installed, in a shell that `su` made. */
export const BARE: PodmanFacts = {
    ...ABLE,
    cgroupManager: "cgroupfs",
    controllers: ["memory", "pids"],
    lingers: false,
    subordinate: { uids: 0, gids: 65_536 },
    missingIdPrograms: ["newuidmap", "newgidmap"],
    kernel: "5.10.0-32-amd64",
    storage: { driver: "vfs", mountProgram: undefined },
    unloadedModules: ["ip_tables", "iptable_nat"],
    inotify: { instances: 64, watches: 8192 },
    networkBackend: "cni",
    hasNameServer: false,
    wayOut: "",
};

/** A machine with an old Podman. */
export const OLD: PodmanFacts = {
    ...ABLE,
    version: "3.4.4",
    cgroup: "v1",
    controllers: ["memory"],
};
