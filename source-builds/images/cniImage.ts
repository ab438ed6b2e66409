import type { DebianRoot } from "./debianRoot.ts";
import { Layer } from "./layer.ts";

const SHELL = [
    "bash",
    "coreutils",
    "debianutils",
    "findutils",
    "grep",
    "hostname",
    "mawk",
    "mount",
    "procps",
    "sed",
    "util-linux",
];
const NETWORK = ["conntrack", "ipset", "iproute2", "iptables", "kmod", "nftables"];

/** What images of CNI plugins have in common; the number is raised when the code below puts in other things. */
export const CNI_IMAGE_RECIPE = ["cni image 1", JSON.stringify([SHELL, NETWORK])];

/** What any program expects of its container: places to write, users, and how names are looked up. */
export function baseLayer(): Layer {
    return (
        new Layer()
            .directory("/tmp", 0o1777)
            .directory("/root", 0o700)
            .directory("/run")
            .directory("/var/lib")
            .directory("/var/log")
            // Pods mount what they share with the node below either.
            .link("/var/run", "/run")
            .text(
                "/etc/passwd",
                "root:x:0:0:root:/root:/bin/sh\nnonroot:x:10001:10001::/tmp:/bin/sh\n",
            )
            .text("/etc/group", "root:x:0:\nnonroot:x:10001:\n")
            .text("/etc/nsswitch.conf", "hosts: files dns\n")
    );
}

/** Adds the programs that the scripts and agents of a CNI plugin call. */
export function withTools(layer: Layer, debian: DebianRoot): Layer {
    debian.pick(layer, ["/bin/sh"]);
    debian.pickPackages(layer, [...SHELL, ...NETWORK]);
    // iptables loads its extensions by name, so that no library list leads to them.
    for (const path of ["/etc/iproute2", "/usr/lib/x86_64-linux-gnu/xtables"]) {
        debian.pickTree(layer, path);
    }
    return layer;
}
