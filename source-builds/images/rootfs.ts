import { mkdir, readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Artifact, BuildContext, Cost } from "../artifact.ts";
import { CNIS } from "../cnis.ts";
import { versions } from "../../plan/versions.ts";
import { debianMirror } from "./debianMirror.ts";

/** Its systemd 252 boots on cgroup v1 without a kernel argument; that of later releases does not. */
const suite = versions.debian;
const KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg";

/** What a node runs on. */
const NODE_PACKAGES = [
    "bash",
    "ca-certificates",
    "conntrack",
    "curl",
    "dbus",
    "ebtables",
    "ethtool",
    "hostname",
    "ipset",
    "iproute2",
    "iptables",
    "jq",
    "kmod",
    "libseccomp2",
    "mount",
    "netbase",
    "nftables",
    "pigz",
    "procps",
    "runc",
    "socat",
    "systemd",
    "systemd-sysv",
    "util-linux",
];

/** What the toolbox image takes besides. */
const TOOL_PACKAGES = [
    "bind9-dnsutils",
    "busybox-static",
    "iperf3",
    "iputils-arping",
    "iputils-ping",
    "mtr-tiny",
    "netcat-openbsd",
    "tcpdump",
    "traceroute",
];

/** Faster, and nothing is lost: a root that was not finished is thrown away. */
const DPKG_OPTIONS = [
    "force-unsafe-io",
    ...["doc", "man", "locale", "info", "lintian"].map(
        (name) => `path-exclude=/usr/share/${name}/*`,
    ),
];

const NOT_KEPT = [
    "etc/dpkg/dpkg.cfg.d/image",
    "etc/hostname",
    "etc/machine-id",
    "etc/resolv.conf",
    "usr/share/doc",
    "usr/share/info",
    "usr/share/locale",
    "usr/share/man",
    "var/cache/apt",
    "var/cache/debconf",
    "var/cache/ldconfig",
    "var/lib/apt/lists",
    "var/log",
];

/** What the images of all CNI plugins take: the shell and network tools that their scripts call. */
const CNI_PACKAGES = [
    "bash",
    "conntrack",
    "hostname",
    "ipset",
    "iproute2",
    "iptables",
    "kmod",
    "mount",
    "nftables",
    "procps",
    "util-linux",
];

/** Of all that is made for a node image out of packages and images, and of the image that the engine makes of it. */
export const nodeImageCost: Cost = { build: false, disk: 4, minutes: 4 };

/** The Debian root that node image, helper images and toolbox are made of. */
export const rootfs = debianRoot("rootfs", [...NODE_PACKAGES, ...TOOL_PACKAGES]);

/** The one that the images of CNI plugins are made of. */
export const rootfsCni = debianRoot("rootfs-cni", cniPackages());

/** With those of single CNI plugins, each where the alphabet puts it: the order is part of the recipe. */
function cniPackages(): string[] {
    const added = CNIS.flatMap(({ packages }) => packages);
    return added.reduce((list, name) => {
        const next = list.findIndex((other) => other > name);
        return list.toSpliced(next < 0 ? list.length : next, 0, name);
    }, CNI_PACKAGES);
}

/** A Debian root as a tree in `tree/`. */
function debianRoot(name: string, packages: string[]): Artifact {
    return {
        name,
        version: suite,
        needs: [],
        cost: nodeImageCost,
        root: true,
        system: { debootstrap: "debootstrap", [KEYRING]: "debian-archive-keyring" },
        recipe: () => [...packages, ...DPKG_OPTIONS, ...NOT_KEPT],
        async make(into, context) {
            const tree = join(into, "tree");
            await bootstrap(tree, packages, context);
            for (const path of NOT_KEPT) {
                await rm(join(tree, path), { recursive: true, force: true });
            }
            for (const name of await readdir(join(tree, "dev"))) {
                await rm(join(tree, "dev", name), { recursive: true });
            }
            await mkdir(join(tree, "var/log"));
        },
    };
}

async function bootstrap(tree: string, packages: string[], context: BuildContext): Promise<void> {
    const mirror = debianMirror(suite);
    context.status(`fetching Debian packages from ${mirror}`);
    await context.run("debootstrap", [
        "--foreign",
        "--variant=minbase",
        "--arch=amd64",
        "--force-check-gpg",
        `--keyring=${KEYRING}`,
        `--include=${packages.join(",")}`,
        suite,
        tree,
        mirror,
    ]);
    await mkdir(join(tree, "etc/dpkg/dpkg.cfg.d"), { recursive: true });
    await writeFile(join(tree, "etc/dpkg/dpkg.cfg.d/image"), DPKG_OPTIONS.join("\n") + "\n");
    context.status("installing Debian packages");
    // What is mounted for the installation goes with the namespace, however this ends.
    const inNamespace = ["--mount", "--propagation", "private", "chroot", tree];
    await context.run("unshare", [...inNamespace, "/debootstrap/debootstrap", "--second-stage"], {
        env: { DEBIAN_FRONTEND: "noninteractive", LC_ALL: "C" },
    });
}
