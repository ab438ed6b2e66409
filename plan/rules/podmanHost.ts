import { enumerate, plural, problem, type Problem } from "../problem.ts";

/** What a machine tells of itself to whom wants to run clusters with its Podman. Nothing is known where it is undefined. */
export interface PodmanFacts {
    user: string;
    rootless: boolean;
    /** Why `podman info` fails, if it does; then only what does not come from it is known. */
    failure?: string | undefined;
    version?: string | undefined;
    cgroup?: "v1" | "v2" | undefined;
    /** What makes the cgroups of its containers: `systemd`, or `cgroupfs` without a user session. */
    cgroupManager?: string | undefined;
    /** What the cgroups of its containers may limit. */
    controllers?: readonly string[] | undefined;
    /** Whether the user's session goes on when he logs out; unknown where systemd is not what runs it. */
    lingers?: boolean | undefined;
    /** Ids that the user may give to others in containers. */
    subordinate: { uids: number; gids: number };
    /** Of the programs that make those ids, the missing ones. */
    missingIdPrograms: readonly string[];
    /** Of the kernel, as `uname -r` says. */
    kernel: string;
    storage?: { driver: string; mountProgram?: string | undefined } | undefined;
    /** Kernel modules that are there as files, but not loaded. */
    unloadedModules: readonly string[];
    inotify: { instances: number; watches: number };
    networkBackend?: string | undefined;
    /** Whether containers can find each other by name. */
    hasNameServer?: boolean | undefined;
    /** What leads out of a rootless network: `slirp4netns` or `pasta`; empty if neither is there. */
    wayOut?: string | undefined;
}

/** Kernel modules that the nodes' iptables need, and that no ordinary user can load. */
export const MODULES = ["ip_tables", "iptable_nat"];

/** Programs that give a container several user ids. */
export const ID_PROGRAMS = ["newuidmap", "newgidmap"];

const CONTROLLERS = ["cpu", "cpuset", "io", "memory", "pids"];
const IDS = 65_536;
const INOTIFY = { instances: 512, watches: 524_288 };

/** What one node holds of the instances: systemd, containerd, kubelet and the pods' own. */
const INSTANCES_PER_NODE = 30;

/** Range of the network that slirp4netns makes if it is not told otherwise. */
const SLIRP = "10.0.2.0/24";

interface Rule {
    breaks: (facts: PodmanFacts, nodes: number) => boolean;
    reason: (facts: PodmanFacts, nodes: number) => string;
    fix: (facts: PodmanFacts) => string;
}

const ROOTLESS: Rule[] = [
    {
        breaks: ({ cgroup }) => cgroup === "v1",
        reason: () => "kind runs nodes with rootless Podman on cgroup v2 only; here it is v1.",
        fix: () =>
            "Start the machine with systemd.unified_cgroup_hierarchy=1 on the kernel's command line, or run everything as root.",
    },
    {
        breaks: ({ missingIdPrograms }) => missingIdPrograms.length > 0,
        reason: ({ missingIdPrograms: names }) =>
            `A node needs many user ids, and what gives them is not installed: ${enumerate(names)}.`,
        fix: () => "sudo apt-get install uidmap (Fedora: sudo dnf install shadow-utils)",
    },
    {
        breaks: ({ subordinate: { uids, gids } }) => Math.min(uids, gids) < IDS,
        reason: ({ user, subordinate: { uids, gids } }) =>
            `A node needs ${IDS} subordinate user and group ids; ${user} has ${uids} and ${gids} (/etc/subuid, /etc/subgid).`,
        fix: ({ user }) =>
            `sudo usermod --add-subuids 100000-165535 --add-subgids 100000-165535 ${user} && podman system migrate ` +
            "(with ranges that no line of these files has)",
    },
    {
        breaks: ({ cgroup, cgroupManager }) => cgroup === "v2" && cgroupManager !== "systemd",
        reason: ({ user }) =>
            `There is no systemd session of ${user} in this shell, so containers get no cgroups of their own.`,
        fix: ({ user }) =>
            "Log in by ssh, on a terminal or with `machinectl shell`, not with su or sudo, with dbus-user-session installed; or: " +
            `sudo loginctl enable-linger ${user} && export XDG_RUNTIME_DIR=/run/user/$(id -u)`,
    },
    {
        breaks: (facts) => facts.cgroupManager === "systemd" && undelegated(facts).length > 0,
        reason: (facts) =>
            `Nodes have limits, and systemd does not leave these cgroup controllers to users: ${enumerate(undelegated(facts))}.`,
        fix: () =>
            "sudo mkdir -p /etc/systemd/system/user@.service.d && " +
            `printf '[Service]\\nDelegate=${CONTROLLERS.join(" ")}\\n' | sudo tee /etc/systemd/system/user@.service.d/delegate.conf && ` +
            "sudo systemctl daemon-reload, then log in anew",
    },
    {
        breaks: ({ kernel, storage }) => isBefore(kernel, 5, 11) && !storage?.mountProgram,
        reason: ({ kernel }) =>
            `Only from 5.11 on does a kernel let users mount overlay file systems; here it is ${kernel}.`,
        fix: () =>
            "sudo apt-get install fuse-overlayfs, name it in ~/.config/containers/storage.conf ([storage] driver = " +
            '"overlay", [storage.options.overlay] mount_program = "/usr/bin/fuse-overlayfs"), then podman system reset',
    },
    {
        breaks: ({ unloadedModules }) => unloadedModules.length > 0,
        reason: ({ unloadedModules: names }) =>
            `The nodes' iptables need the kernel's ${enumerate(names)}, which only root can load.`,
        fix: ({ unloadedModules: names }) =>
            `sudo modprobe --all ${names.join(" ")} && printf '%s\\n' ${names.join(" ")} | sudo tee /etc/modules-load.d/multinet.conf`,
    },
    {
        breaks: ({ wayOut }) => wayOut === "",
        reason: () =>
            "Networks of rootless Podman need slirp4netns or passt, and neither is there.",
        fix: ({ version = "" }) =>
            `sudo apt-get install ${isBefore(version, 5) ? "slirp4netns" : "passt"} (the same name with dnf)`,
    },
];

const EVERY: Rule[] = [
    {
        breaks: ({ failure, rootless, missingIdPrograms }) =>
            failure !== undefined && !(rootless && missingIdPrograms.length > 0),
        reason: ({ failure }) => `\`podman info\` fails here: ${failure}`,
        fix: () =>
            "Install Podman, or have that command work in this shell; or write runtime: docker.",
    },
    {
        breaks: ({ version = "4" }) => isBefore(version, 4),
        reason: ({ version }) => `Podman 4 or later is needed; here it is ${version}.`,
        fix: () => "Install a newer one, or take a newer release of your system.",
    },
    {
        breaks: ({ version, cgroup }) =>
            cgroup === "v1" && version !== undefined && !isBefore(version, 6),
        reason: () => "Podman 6 does not run on cgroup v1, which this machine has.",
        fix: () =>
            "Start the machine with systemd.unified_cgroup_hierarchy=1 on the kernel's command line, or install Podman 5.",
    },
    {
        breaks: ({ networkBackend: backend }) => backend !== undefined && backend !== "netavark",
        reason: ({ networkBackend: backend }) =>
            `Podman's networks are made by ${backend} here; multinet knows those of netavark.`,
        fix: () =>
            'sudo apt-get install netavark aardvark-dns, write network_backend = "netavark" below [network] into ' +
            "/etc/containers/containers.conf, then podman system reset, which removes all containers",
    },
    {
        breaks: ({ hasNameServer }) => hasNameServer === false,
        reason: () =>
            "Nodes find each other by name, and Podman's name server, aardvark-dns, is missing.",
        fix: () => "sudo apt-get install aardvark-dns (the same name with dnf)",
    },
    {
        breaks: ({ inotify: { instances } }, nodes) => instances < nodes * INSTANCES_PER_NODE,
        reason: ({ inotify: { instances } }, nodes) =>
            `${plural(nodes, "node")} need about ${nodes * INSTANCES_PER_NODE} inotify instances; fs.inotify.max_user_instances is ${instances}.`,
        fix: raiseInotify,
    },
];

const WARNINGS: Rule[] = [
    {
        breaks: ({ rootless, lingers }) => rootless && lingers === false,
        reason: ({ user }) => `All containers of ${user} end when ${user} logs out.`,
        fix: ({ user }) => `sudo loginctl enable-linger ${user}`,
    },
    {
        breaks: ({ storage }) => storage?.driver === "vfs",
        reason: () =>
            "Podman's storage driver is vfs here, which copies the whole image, over 1 GB, for each node.",
        fix: () =>
            `printf '[storage]\\ndriver = "overlay"\\n' >~/.config/containers/storage.conf && podman system reset, which ` +
            "removes all containers and images",
    },
    {
        breaks: ({ inotify: { watches } }) => watches < INOTIFY.watches,
        reason: ({ inotify: { watches } }) =>
            `Nodes may run out of inotify watches: fs.inotify.max_user_watches is ${watches}.`,
        fix: raiseInotify,
    },
];

/** Everything that keeps Podman on this machine from running so many nodes, each with the command that mends it. */
export function podmanProblems(facts: PodmanFacts, nodes: number): Problem[] {
    const rules = facts.rootless ? [...EVERY, ...ROOTLESS] : EVERY;
    return rules
        .filter((rule) => rule.breaks(facts, nodes))
        .map(({ reason, fix }) =>
            problem(["runtime"], "podman", { reason: reason(facts, nodes), fix: fix(facts) }),
        );
}

/** What works, but not well. */
export function podmanWarnings(facts: PodmanFacts): string[] {
    return WARNINGS.filter((rule) => rule.breaks(facts, 0)).map(
        ({ reason, fix }) => `runtime: podman: ${reason(facts, 0)} Fix: ${fix(facts)}`,
    );
}

/** Ranges that Podman itself uses, where no route of this machine shows it. */
export function podmanRanges({ rootless, wayOut }: PodmanFacts): { cidr: string; what: string }[] {
    return rootless && wayOut === "slirp4netns"
        ? [{ cidr: SLIRP, what: "the way out of rootless Podman's networks, slirp4netns" }]
        : [];
}

function undelegated({ controllers = CONTROLLERS }: PodmanFacts): string[] {
    return CONTROLLERS.filter((name) => !controllers.includes(name));
}

function raiseInotify(): string {
    const { instances, watches } = INOTIFY;
    return (
        `printf 'fs.inotify.max_user_instances=${instances}\\nfs.inotify.max_user_watches=${watches}\\n' | ` +
        "sudo tee /etc/sysctl.d/multinet.conf && sudo sysctl --system"
    );
}

/** Whether a version, or what begins with one, is lower than that. */
function isBefore(version: string, major: number, minor = 0): boolean {
    const [first = 0, second = 0] = version.split(/[.-]/).map(Number);
    return first < major || (first === major && second < minor);
}
