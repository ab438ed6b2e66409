import { join } from "node:path";
import type { ArtifactDirectory } from "../artifact.ts";
import { goArtifact, stamp } from "../goArtifact.ts";
import { moduleFiles } from "../moduleFiles.ts";
import { versions } from "../../plan/versions.ts";
import type { Image } from "../images/archive.ts";
import { baseLayer, withTools } from "../images/cniImage.ts";
import type { DebianRoot } from "../images/debianRoot.ts";
import type { Cni } from "./cni.ts";

const MODULE = "github.com/cilium/cilium";
const files = { module: "cilium", dependency: MODULE, version: versions.cilium };
const CHART = "cilium";

const PROGRAMS = [
    "cilium-agent",
    "cilium-dbg",
    "cilium-health",
    "cilium-mount",
    "cilium-sysctlfix",
];
const SCRIPTS = ["init-container.sh", "install-plugin.sh", "cni-uninstall.sh"];

/** Cilium's agent and operator, laid out as in its own images; without Envoy, Hubble's command line and bpftool. */
export const cilium: Cni = {
    name: "cilium",
    artifacts: [
        goArtifact({
            name: "cilium",
            version: versions.cilium,
            cost: { build: true, disk: 6, minutes: 10 },
            programs: {
                "cilium-agent": `${MODULE}/daemon`,
                "cilium-dbg": `${MODULE}/cilium-dbg`,
                "cilium-cni": `${MODULE}/plugins/cilium-cni`,
                "cilium-operator-generic": `${MODULE}/operator`,
                "cilium-health": `${MODULE}/cilium-health`,
                "cilium-mount": `${MODULE}/tools/mount`,
                "cilium-sysctlfix": `${MODULE}/tools/sysctlfix`,
            },
            ldflags: [stamp(`${MODULE}/pkg/version.ciliumVersion`, versions.cilium.slice(1))],
            // Lets the operator hand out a pool of its own, which is all that the generic one is for.
            tags: ["ipam_provider_operator"],
        }),
        moduleFiles({
            ...files,
            name: "cilium-files",
            files: {
                bpf: "bpf",
                "init-container.sh": "images/cilium/init-container.sh",
                "install-plugin.sh": "plugins/cilium-cni/install-plugin.sh",
                "cni-uninstall.sh": "plugins/cilium-cni/cni-uninstall.sh",
            },
        }),
    ],
    chart: {
        artifact: moduleFiles({
            ...files,
            name: "cilium-chart",
            files: { [CHART]: "install/kubernetes/cilium" },
        }),
        folder: CHART,
    },
    // Compiles the data path.
    packages: ["clang-19"],
    // The number is raised when the code below puts in other things.
    recipe: ["cilium 1", JSON.stringify([PROGRAMS, SCRIPTS])],
    images: (dir, debian) => [agent(dir, debian), operator(dir)],
};

function agent(dir: ArtifactDirectory, debian: DebianRoot): Image {
    const layer = withTools(baseLayer(), debian);
    const programs = dir("cilium");
    for (const program of PROGRAMS) {
        layer.file(`/usr/bin/${program}`, join(programs, program), 0o755);
    }
    layer
        .link("/usr/bin/cilium", "cilium-dbg")
        .file("/opt/cni/bin/cilium-cni", join(programs, "cilium-cni"), 0o755)
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
