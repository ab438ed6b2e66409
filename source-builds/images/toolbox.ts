import type { Image } from "./archive.ts";
import type { DebianRoot } from "./debianRoot.ts";
import { Layer } from "./layer.ts";

export const TOOLBOX_IMAGE = "multinet.local/toolbox:1";

const PACKAGES = [
    "bash",
    "bind9-dnsutils",
    "bind9-host",
    "conntrack",
    "coreutils",
    "curl",
    "ethtool",
    "findutils",
    "grep",
    "gzip",
    "hostname",
    "iperf3",
    "ipset",
    "iproute2",
    "iptables",
    "iputils-arping",
    "iputils-ping",
    "jq",
    "mawk",
    "mtr-tiny",
    "netcat-openbsd",
    "nftables",
    "procps",
    "sed",
    "socat",
    "tar",
    "tcpdump",
    "traceroute",
    "util-linux",
];

const EXTRAS = [
    "/bin/sh",
    "/usr/bin/busybox",
    "/usr/bin/getent",
    "/usr/bin/perl",
    "/etc/protocols",
    "/etc/services",
];

/** Trees that programs read by name. */
const DATA = [
    "/etc/iproute2",
    "/etc/ssl/certs",
    "/lib/terminfo",
    "/usr/lib/x86_64-linux-gnu/perl-base",
    "/usr/lib/x86_64-linux-gnu/xtables",
    "/usr/share/ca-certificates",
];

/** Decides, with the Debian root, what the image holds; the number is raised when the code below puts in other things. */
export const TOOLBOX_RECIPE = [
    "toolbox 1",
    JSON.stringify([TOOLBOX_IMAGE, PACKAGES, EXTRAS, DATA]),
];

/** A container for demo workloads and for looking at networks, with the usual tools and a shell. */
export function toolbox(debian: DebianRoot): Image {
    const layer = new Layer()
        .directory("/tmp", 0o1777)
        .directory("/root", 0o700)
        .directory("/run")
        .text("/etc/passwd", "root:x:0:0:root:/root:/bin/bash\n")
        .text("/etc/group", "root:x:0:\n")
        .text("/etc/nsswitch.conf", "hosts: files dns\n");
    debian.pickPackages(layer, PACKAGES);
    debian.pick(layer, EXTRAS);
    for (const path of DATA) {
        debian.pickTree(layer, path);
    }
    return {
        name: TOOLBOX_IMAGE,
        layer,
        // A first process gets only those signals that it has asked for.
        command: ["bash", "-c", "trap exit TERM; sleep infinity & wait"],
        environment: ["HOME=/root"],
    };
}
