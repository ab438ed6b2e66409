import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { ArtifactDirectory } from "../artifact.ts";
import type { Cni } from "../cnis/cni.ts";
import { versions } from "../../plan/versions.ts";
import { imageStoreName, LAYERS_PATH } from "./imageStore.ts";
import { Layer } from "./layer.ts";

const manifests = join(import.meta.dirname, "manifests");
const SERVICES = ["containerd", "kubelet", "undo-mount-hacks"];

/** Those of kind's own node image, and no more: what else a network needs comes to all nodes in the same way. */
const CNI_PLUGINS = ["host-local", "loopback", "portmap", "ptp"];

/** What kind's own node image deletes: a node starts nothing but what it is there for. */
const notStarted = new RegExp(
    [
        "^usr/lib/systemd/system/sysinit\\.target\\.wants/systemd-tmpfiles-setup\\.service$",
        "^usr/lib/systemd/system/(multi-user|local-fs|basic)\\.target\\.wants/.",
        "^usr/lib/systemd/system/sockets\\.target\\.wants/.*(udev|initctl)",
        "^etc/systemd/system/[^/]*\\.wants/.",
    ].join("|"),
);

/**
 * Decides, with the artifacts, what a node image holds; the number is raised when the code below puts in other things.
 */
export const NODE_LAYER_RECIPE = [
    "node 1",
    JSON.stringify([SERVICES, CNI_PLUGINS, notStarted.source]),
    ...manifestNames().map((name) => `${name}: ${readFileSync(join(manifests, name), "utf8")}`),
];

/** The files of a kind node, laid out as the scripts of kind and kubeadm expect them. */
export function nodeLayer(dir: ArtifactDirectory, wanted: readonly Cni[]): Layer {
    const debian = join(dir("rootfs"), "tree");
    const layer = new Layer().tree("/", debian).remove(notStarted);
    addKindFiles(layer, join(dir("node-files"), "files"));
    const journald = readFileSync(join(debian, "etc/systemd/journald.conf"), "utf8");
    layer.text("/etc/systemd/journald.conf", `${journald}ReadKMsg=no\n`);
    for (const service of SERVICES) {
        const unit = `/etc/systemd/system/${service}.service`;
        layer.link(`/etc/systemd/system/multi-user.target.wants/${service}.service`, unit);
    }
    // It would register formats in the kernel, for the whole machine.
    layer.link("/etc/systemd/system/systemd-binfmt.service", "/dev/null");
    for (const path of ["/etc/machine-id", "/etc/resolv.conf"]) {
        layer.text(path, "");
    }
    for (const path of ["/etc/kubernetes/manifests", "/etc/cni/net.d"]) {
        layer.directory(path);
    }
    addPrograms(layer, dir);
    layer.text("/kind/version", versions.kubernetes);
    for (const name of manifestNames()) {
        layer.text(`/kind/manifests/${name}`, readFileSync(join(manifests, name), "utf8"));
    }
    const store = dir(imageStoreName(wanted));
    layer.tree("/var/lib/containerd", join(store, "containerd"));
    return layer.tree(LAYERS_PATH, join(store, "layers"));
}

function manifestNames(): string[] {
    return readdirSync(manifests).sort();
}

function addPrograms(layer: Layer, dir: ArtifactDirectory): void {
    const program = (directory: string, artifact: string, name: string) =>
        layer.file(join(directory, name), join(dir(artifact), name), 0o755);
    for (const name of ["kubeadm", "kubectl", "kubelet"]) {
        program("/usr/bin", "kubernetes", name);
    }
    for (const name of ["containerd", "containerd-shim-runc-v2", "ctr"]) {
        program("/usr/local/bin", "containerd", name);
    }
    for (const name of CNI_PLUGINS) {
        program("/opt/cni/bin", "cni-plugins", name);
    }
    layer.link("/usr/local/sbin/runc", "/usr/sbin/runc");
}

/** Modules carry no modes: programs are told by where they are. */
function addKindFiles(layer: Layer, directory: string): void {
    for (const entry of readdirSync(directory, { recursive: true, withFileTypes: true })) {
        if (!entry.isFile()) {
            continue;
        }
        const source = join(entry.parentPath, entry.name);
        const path = source.slice(directory.length);
        layer.file(path, source, path.includes("/bin/") ? 0o755 : 0o644);
    }
}
