import { join } from "node:path";
import { DebianRoot } from "../../../../source-builds/images/debianRoot.ts";
import { Workspace } from "./workspace.ts";

/** One program for each Debian package that images take something of. */
export const debianPrograms = {
    bash: "/bin/bash",
    "bind9-dnsutils": "/usr/bin/dig",
    "bind9-host": "/usr/bin/host",
    "clang-19": "/usr/bin/clang-19",
    conntrack: "/usr/sbin/conntrack",
    coreutils: "/bin/cp",
    curl: "/usr/bin/curl",
    debianutils: "/usr/bin/which",
    ethtool: "/sbin/ethtool",
    findutils: "/usr/bin/find",
    grep: "/bin/grep",
    gzip: "/bin/gzip",
    hostname: "/bin/hostname",
    iperf3: "/usr/bin/iperf3",
    iproute2: "/bin/ip",
    ipset: "/usr/sbin/ipset",
    iptables: "/usr/sbin/iptables-nft",
    "iputils-arping": "/usr/bin/arping",
    "iputils-ping": "/bin/ping",
    jq: "/usr/bin/jq",
    kmod: "/sbin/modprobe",
    mawk: "/usr/bin/mawk",
    mount: "/bin/mount",
    "mtr-tiny": "/usr/bin/mtr",
    "netcat-openbsd": "/bin/nc.openbsd",
    nftables: "/usr/sbin/nft",
    procps: "/sbin/sysctl",
    runit: "/usr/bin/runsvdir",
    sed: "/bin/sed",
    socat: "/usr/bin/socat",
    tar: "/bin/tar",
    tcpdump: "/usr/bin/tcpdump",
    traceroute: "/usr/bin/traceroute",
    "util-linux": "/usr/bin/nsenter",
};

/** Other files of the Debian root that images name one by one. */
const DEBIAN_FILES = [
    ...["busybox", "dash", "getent", "kmod", "perl", "runsv", "sv", "svlogd"].map(
        (name) => `usr/bin/${name}`,
    ),
    ...["iptables", "ip6tables"].flatMap((name) =>
        ["", "-save", "-restore"].map((form) => `usr/sbin/${name}${form}`),
    ),
    ...["ip", "nft", "conntrack"].map((name) => `usr/sbin/${name}`),
    ...["protocols", "services", "iproute2/rt_protos", "ssl/certs/ca.pem"].map(
        (name) => `etc/${name}`,
    ),
    "etc/systemd/journald.conf",
    "etc/systemd/system/getty.target.wants/getty@tty1.service",
    "usr/lib/terminfo/l/linux",
    "usr/lib/x86_64-linux-gnu/perl-base/strict.pm",
    "usr/lib/x86_64-linux-gnu/xtables/libxt_comment.so",
    "usr/share/ca-certificates/ca.crt",
];

const files = {
    kubernetes: [
        ...["kubelet", "kubeadm", "kubectl", "kube-apiserver", "kube-controller-manager"],
        ...["kube-scheduler", "kube-proxy"],
    ],
    etcd: ["etcd", "etcdctl"],
    coredns: ["coredns"],
    pause: ["pause"],
    kindnet: ["kindnet"],
    multus: ["install_multus", "multus", "passthru-cni", "thin_entrypoint"],
    containerd: ["containerd", "containerd-shim-runc-v2", "ctr"],
    "cni-plugins": [
        ...["bandwidth", "bridge", "host-local", "loopback", "macvlan", "portmap", "ptp"],
        ...["static", "tuning", "LICENSE", "README.md", "source"],
    ],
    "node-files": ["files/usr/local/bin/entrypoint", "files/etc/crictl.yaml"],
    "image-store": ["containerd/db", "layers/1/file"],
    calico: [
        "calico-cni",
        "calico-node",
        "calico-typha",
        "check-status",
        "install",
        "kube-controllers",
        "wrapper",
    ],
    "calico-files": [
        "typha.cfg",
        "node/etc/calico/felix.cfg",
        "node/etc/calico/confd/config/.gitkeep",
        "node/etc/nsswitch.conf",
        "node/etc/rc.local",
        "node/etc/service/available/felix/run",
        "node/sbin/start_runit",
    ],
    cilium: [
        "cilium-agent",
        "cilium-cni",
        "cilium-dbg",
        "cilium-health",
        "cilium-mount",
        "cilium-operator-generic",
        "cilium-sysctlfix",
    ],
    "cilium-files": [
        "bpf/bpf_lxc.c",
        "bpf/lib/tests.h",
        "bpf/tests/some_test.c",
        "bpf/complexity-tests/one.txt",
        "cni-uninstall.sh",
        "init-container.sh",
        "install-plugin.sh",
    ],
    "tigera-operator": ["operator"],
};

/** Small artifacts with a file for everything that images are made of; call it in a `describe`. */
export class ImageFixture {
    private readonly root = new Workspace();

    /** Where an artifact is. */
    readonly dir = (artifact: string): string => join(this.root.path, artifact);

    get debian(): DebianRoot {
        return new DebianRoot(join(this.dir("rootfs"), "tree"));
    }

    constructor() {
        before(() => {
            const umask = process.umask(0o022);
            this.fill();
            process.umask(umask);
        });
    }

    private fill(): void {
        for (const [artifact, names] of Object.entries(files)) {
            for (const name of names) {
                this.root.file(`${artifact}/${name}`, name);
            }
        }
        for (const artifact of ["rootfs", "rootfs-cni"]) {
            this.fillDebian(`${artifact}/tree`);
        }
    }

    private fillDebian(tree: string): void {
        for (const name of ["bin", "sbin", "lib"]) {
            this.root.link(`${tree}/${name}`, `usr/${name}`);
        }
        for (const [name, path] of Object.entries(debianPrograms)) {
            this.root.file(`${tree}/var/lib/dpkg/info/${name}.list`, `${path}\n`);
            this.root.file(`${tree}/usr${path.replace(/^\/usr/, "")}`, name, 0o755);
        }
        for (const path of DEBIAN_FILES) {
            this.root.file(`${tree}/${path}`, path);
        }
        this.root.link(`${tree}/usr/bin/sh`, "dash");
        this.root.link(`${tree}/etc/alternatives/nc`, "/bin/nc.openbsd");
        this.root.link(`${tree}/usr/bin/nc`, "/etc/alternatives/nc");
    }
}
