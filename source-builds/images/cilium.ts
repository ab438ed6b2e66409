import { join } from "node:path";
import { versions } from "../../plan/versions.ts";
import type { Image } from "./archive.ts";
import { baseLayer, withTools } from "./cniImage.ts";
import type { ArtifactDirectory } from "./components.ts";
import type { DebianRoot } from "./debianRoot.ts";

const PROGRAMS = [
    "cilium-agent",
    "cilium-dbg",
    "cilium-health",
    "cilium-mount",
    "cilium-sysctlfix",
];
const SCRIPTS = ["init-container.sh", "install-plugin.sh", "cni-uninstall.sh"];

/** Decides, with the artifacts, what these images hold; the number is raised when the code below puts in other things. */
export const CILIUM_RECIPE = ["cilium 1", JSON.stringify([PROGRAMS, SCRIPTS])];

/** Cilium's agent and operator, laid out as in its own images; without Envoy, Hubble's command line and bpftool. */
export function ciliumImages(dir: ArtifactDirectory, debian: DebianRoot): Image[] {
    return [agent(dir, debian), operator(dir)];
}

function agent(dir: ArtifactDirectory, debian: DebianRoot): Image {
    const layer = withTools(baseLayer(), debian);
    const cilium = dir("cilium");
    for (const program of PROGRAMS) {
        layer.file(`/usr/bin/${program}`, join(cilium, program), 0o755);
    }
    layer
        .link("/usr/bin/cilium", "cilium-dbg")
        .file("/opt/cni/bin/cilium-cni", join(cilium, "cilium-cni"), 0o755)
        .file("/cni/loopback", join(dir("cni-plugins"), "loopback"), 0o755);
    for (const script of SCRIPTS) {
        layer.file(`/${script}`, join(dir("cilium-files"), script), 0o755);
    }
    // The agent compiles the data path for the node that it runs on.
    debian.pick(layer, ["/usr/bin/clang-19"]);
    layer
        .link("/usr/bin/clang", "clang-19")
        .tree("/var/lib/cilium/bpf", join(dir("cilium-files"), "bpf"))
        .remove(/^var\/lib\/cilium\/bpf\/(tests|complexity-tests)(\/|$)/);
    return { name: name("cilium"), layer, command: ["/usr/bin/cilium-dbg"] };
}

function operator(dir: ArtifactDirectory): Image {
    const program = "cilium-operator-generic";
    return {
        name: name("operator-generic"),
        layer: baseLayer().file(`/usr/bin/${program}`, join(dir("cilium"), program), 0o755),
        command: [`/usr/bin/${program}`],
    };
}

function name(component: string): string {
    return `quay.io/cilium/${component}:${versions.cilium}`;
}
