import assert from "node:assert/strict";
import { CNIS } from "../../../../source-builds/cnis.ts";
import type { Image } from "../../../../source-builds/images/archive.ts";
import type { Entry } from "../../../../system/tar.ts";
import { debianPrograms, ImageFixture } from "./imageFixture.ts";

/** Packages that scripts of Cilium's images call programs of. */
const CALLED = [
    ...["bash", "clang-19", "conntrack", "coreutils", "debianutils", "findutils", "grep"],
    ...["hostname", "iproute2", "ipset", "iptables", "kmod", "mawk", "mount", "nftables"],
    ...["procps", "sed", "util-linux"],
];

describe("images of CNI plugins", () => {
    const fixture = new ImageFixture();
    let images: Map<string, Image>;

    before(() => {
        const { debian, dir } = fixture;
        const all = CNIS.flatMap((cni) => cni.images(dir, debian));
        images = new Map(all.map((image) => [image.name, image]));
    });

    const entries = (name: string): Map<string, Entry> => new Map(images.get(name)!.layer.sorted());
    const mode = (name: string, path: string): number | undefined => {
        const entry = entries(name).get(path);
        return entry && "mode" in entry ? entry.mode : undefined;
    };

    it("have the names that the operator and the chart ask for", () => {
        assert.deepEqual([...images.keys()].sort(), [
            "quay.io/calico/cni:v3.31.0",
            "quay.io/calico/kube-controllers:v3.31.0",
            "quay.io/calico/node:v3.31.0",
            "quay.io/calico/typha:v3.31.0",
            "quay.io/cilium/cilium:v1.18.6",
            "quay.io/cilium/operator-generic:v1.18.6",
            "quay.io/tigera/operator:v1.40.0",
        ]);
    });

    it("run as root only what needs it", () => {
        const users = [...images].map(([name, { user }]) => [/\/([^/:]+):/.exec(name)![1], user]);
        assert.deepEqual(Object.fromEntries(users), {
            node: undefined,
            cni: undefined,
            typha: "999",
            "kube-controllers": "999",
            operator: "10001:10001",
            cilium: undefined,
            "operator-generic": undefined,
        });
    });

    it("have for Calico's node its own files, a supervisor and no eBPF clean-up", () => {
        const name = "quay.io/calico/node:v3.31.0";
        assert.deepEqual(images.get(name)!.environment, [
            "SVDIR=/etc/service/enabled",
            "FELIX_DebugSkipCTLBCleanup=true",
        ]);
        for (const path of ["etc/rc.local", "usr/sbin/start_runit", "usr/bin/calico-node"]) {
            assert.equal(mode(name, path), 0o755, path);
        }
        assert.equal(mode(name, "etc/calico/felix.cfg"), 0o644);
        const paths = entries(name);
        for (const program of ["runsv", "runsvdir", "sv", "svlogd"]) {
            assert.ok(paths.has(`usr/bin/${program}`), program);
        }
        assert.ok(![...paths.keys()].some((path) => /gitkeep|bpftool/.test(path)));
        // Probes call /bin/calico-node.
        assert.deepEqual(paths.get("bin"), { kind: "link", target: "usr/bin", uid: 0, gid: 0 });
    });

    it("let kube-controllers write its status without being root", () => {
        const name = "quay.io/calico/kube-controllers:v3.31.0";
        assert.equal(mode(name, "status"), 0o1777);
        assert.deepEqual(images.get(name)!.entrypoint, [
            "/usr/bin/wrapper",
            "/usr/bin/kube-controllers",
        ]);
    });

    it("install Calico's plugins, its IPAM by another name", () => {
        const paths = [...entries("quay.io/calico/cni:v3.31.0").keys()];
        const plugins = paths.filter((path) => path.startsWith("opt/cni/bin/"));
        assert.deepEqual(
            plugins.map((path) => path.slice("opt/cni/bin/".length)),
            [
                "bandwidth",
                "calico",
                "calico-ipam",
                "host-local",
                "install",
                "loopback",
                "portmap",
                "tuning",
            ],
        );
    });

    it("have for Cilium's agent a compiler and the sources of the data path, without tests", () => {
        const name = "quay.io/cilium/cilium:v1.18.6";
        const paths = entries(name);
        for (const path of ["bpf_lxc.c", "lib/tests.h"]) {
            assert.ok(paths.has(`var/lib/cilium/bpf/${path}`), path);
        }
        assert.ok(![...paths.keys()].some((path) => /bpf\/(complexity-)?tests/.test(path)));
        assert.equal((paths.get("usr/bin/clang") as { target: string }).target, "clang-19");
        for (const path of ["install-plugin.sh", "opt/cni/bin/cilium-cni", "cni/loopback"]) {
            assert.equal(mode(name, path), 0o755, path);
        }
        for (const [name, path] of Object.entries(debianPrograms)) {
            if (!CALLED.includes(name)) {
                continue;
            }
            assert.ok(paths.has(`usr${path.replace(/^\/usr/, "")}`), path);
        }
    });
});
