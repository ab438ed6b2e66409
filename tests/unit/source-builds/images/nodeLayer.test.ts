import assert from "node:assert/strict";
import { nodeLayer } from "../../../../source-builds/images/nodeLayer.ts";
import { Workspace } from "./workspace.ts";

const files = {
    rootfs: ["tree/etc/systemd/journald.conf"],
    "node-files": ["files/usr/local/bin/entrypoint", "files/etc/crictl.yaml"],
    kubernetes: ["kubeadm", "kubectl", "kubelet"],
    containerd: ["containerd", "containerd-shim-runc-v2", "ctr"],
    "cni-plugins": [
        ...["bridge", "host-local", "loopback", "macvlan", "portmap", "ptp", "static"],
        ...["LICENSE", "README.md", "source"],
    ],
    "image-store": ["containerd/db", "layers/1/file"],
};

describe("files of a node", () => {
    const root = new Workspace();
    let modes: Map<string, number>;

    before(() => {
        for (const [artifact, paths] of Object.entries(files)) {
            for (const path of paths) {
                root.file(`${artifact}/${path}`);
            }
        }
        const layer = nodeLayer((artifact) => `${root.path}/${artifact}`, []);
        modes = new Map(
            layer
                .sorted()
                .flatMap(([path, entry]) => ("mode" in entry ? [[path, entry.mode]] : [])),
        );
    });

    it("have the CNI plugins that kind's own node image has, and no others", () => {
        const plugins = [...modes].filter(([path]) => path.startsWith("opt/cni/bin/"));
        assert.deepEqual(
            plugins.map(([path, mode]) => [path.slice("opt/cni/bin/".length), mode]),
            ["host-local", "loopback", "portmap", "ptp"].map((name) => [name, 0o755]),
        );
    });

    it("are programs where programs belong", () => {
        for (const path of ["usr/local/bin/entrypoint", "usr/bin/kubelet", "usr/local/bin/ctr"]) {
            assert.equal(modes.get(path), 0o755, path);
        }
        assert.equal(modes.get("etc/crictl.yaml"), 0o644);
    });
});
