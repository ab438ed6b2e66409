import { readdirSync } from "node:fs";
import { join } from "node:path";
import type { ArtifactDirectory, Cost } from "../artifact.ts";
import { goArtifact, stamp } from "../goArtifact.ts";
import { moduleFiles } from "../moduleFiles.ts";
import { versions } from "../../plan/versions.ts";
import type { Image } from "../images/archive.ts";
import { baseLayer, withTools } from "../images/cniImage.ts";
import type { DebianRoot } from "../images/debianRoot.ts";
import type { Layer } from "../images/layer.ts";
import type { Cni } from "./cni.ts";

const MODULE = "github.com/projectcalico/calico";
const OPERATOR = "github.com/tigera/operator";
const files = { module: "calico", dependency: MODULE, version: versions.calico };
const CHART = "tigera-operator";

const cost: Cost = { build: true, disk: 6, minutes: 15 };

/** The user of programs that need no privileges. */
const UNPRIVILEGED = "999";

const SUPERVISOR = ["runsv", "runsvdir", "sv", "svlogd"];
const PLUGINS = ["bandwidth", "host-local", "loopback", "portmap", "tuning"];

/**
 * Calico and its operator, laid out as in their projects' own images and under the names that are compiled into the
 * operator. There is no BIRD in them (no BGP, so neither IPIP nor unencapsulated pools) and nothing for the eBPF mode.
 */
export const calico: Cni = {
    name: "calico",
    artifacts: [
        goArtifact({
            name: "calico",
            version: versions.calico,
            cost,
            programs: {
                "calico-typha": `${MODULE}/typha/cmd/calico-typha`,
                "calico-cni": `${MODULE}/cni-plugin/cmd/calico`,
                "calico-node": `${MODULE}/node/cmd/calico-node`,
                "kube-controllers": `${MODULE}/kube-controllers/cmd/kube-controllers`,
                "check-status": `${MODULE}/kube-controllers/cmd/check-status`,
                wrapper: `${MODULE}/kube-controllers/cmd/wrapper`,
                install: `${MODULE}/cni-plugin/cmd/install`,
            },
            ldflags: [
                stamp(`${MODULE}/pkg/buildinfo.Version`, versions.calico),
                stamp("main.VERSION", versions.calico),
            ],
            goVersion: versions.go.calico,
        }),
        goArtifact({
            name: "tigera-operator",
            version: versions.tigeraOperator,
            cost,
            programs: { operator: `${OPERATOR}/cmd` },
            ldflags: [stamp(`${OPERATOR}/version.VERSION`, versions.tigeraOperator)],
            goVersion: versions.go.tigeraOperator,
        }),
        moduleFiles({
            ...files,
            name: "calico-files",
            files: { node: "node/filesystem", "typha.cfg": "typha/docker-image/typha.cfg" },
        }),
    ],
    chart: {
        artifact: moduleFiles({
            ...files,
            name: "calico-chart",
            files: { [CHART]: "charts/tigera-operator" },
            // The number is put in when the chart is released.
            edit: [
                join(CHART, "Chart.yaml"),
                "\nversion: v0.0\n",
                `\nversion: ${versions.calico}\n`,
            ],
        }),
        folder: CHART,
    },
    // Supervises the parts of calico/node.
    packages: ["runit"],
    // The number is raised when the code below puts in other things.
    recipe: ["calico 1", JSON.stringify([UNPRIVILEGED, SUPERVISOR, PLUGINS])],
    images: (dir, debian) => [
        node(dir, debian),
        cni(dir),
        typha(dir),
        kubeControllers(dir),
        operator(dir),
    ],
};

function node(dir: ArtifactDirectory, debian: DebianRoot): Image {
    const layer = withTools(baseLayer(), debian);
    debian.pick(
        layer,
        SUPERVISOR.map((program) => `/usr/bin/${program}`),
    );
    layer.file("/usr/bin/calico-node", join(dir("calico"), "calico-node"), 0o755);
    addOwnFiles(layer, join(dir("calico-files"), "node"));
    layer.directory("/etc/calico/confd/config");
    return {
        name: name("node"),
        layer,
        command: ["start_runit"],
        environment: [
            "SVDIR=/etc/service/enabled",
            // Felix clears up after its eBPF mode even where that was never used, with a library that is not linked in.
            "FELIX_DebugSkipCTLBCleanup=true",
        ],
    };
}

/** Calico's own files of the node image. Modules carry no modes: all but configuration is run. */
function addOwnFiles(layer: Layer, source: string): void {
    for (const entry of readdirSync(source, { recursive: true, withFileTypes: true })) {
        if (!entry.isFile() || [".gitkeep", "nsswitch.conf"].includes(entry.name)) {
            continue;
        }
        const file = join(entry.parentPath, entry.name);
        const path = file.slice(source.length).replace(/^\/sbin\//, "/usr/sbin/");
        layer.file(path, file, path.endsWith(".cfg") ? 0o644 : 0o755);
    }
}

/** It copies what is beside it to the node, where a link arrives as the file it leads to. */
function cni(dir: ArtifactDirectory): Image {
    const bin = "/opt/cni/bin";
    const layer = baseLayer()
        .file(`${bin}/install`, join(dir("calico"), "install"), 0o755)
        .file(`${bin}/calico`, join(dir("calico"), "calico-cni"), 0o755)
        .link(`${bin}/calico-ipam`, "calico");
    for (const plugin of PLUGINS) {
        layer.file(`${bin}/${plugin}`, join(dir("cni-plugins"), plugin), 0o755);
    }
    return { name: name("cni"), layer, command: [`${bin}/install`] };
}

function typha(dir: ArtifactDirectory): Image {
    const program = "/usr/bin/calico-typha";
    const layer = baseLayer()
        .file(program, join(dir("calico"), "calico-typha"), 0o755)
        .file("/etc/calico/typha.cfg", join(dir("calico-files"), "typha.cfg"), 0o644);
    return { name: name("typha"), layer, command: [program], user: UNPRIVILEGED };
}

/** Its wrapper starts it anew when its configuration has changed. It writes its status although it is not root. */
function kubeControllers(dir: ArtifactDirectory): Image {
    const layer = baseLayer().directory("/status", 0o1777).directory("/profiles", 0o1777);
    for (const program of ["wrapper", "kube-controllers", "check-status"]) {
        layer.file(`/usr/bin/${program}`, join(dir("calico"), program), 0o755);
    }
    return {
        name: name("kube-controllers"),
        layer,
        entrypoint: ["/usr/bin/wrapper", "/usr/bin/kube-controllers"],
        user: UNPRIVILEGED,
    };
}

function operator(dir: ArtifactDirectory): Image {
    const program = "/usr/bin/operator";
    return {
        name: `quay.io/tigera/operator:${versions.tigeraOperator}`,
        layer: baseLayer().file(program, join(dir("tigera-operator"), "operator"), 0o755),
        entrypoint: [program],
        user: "10001:10001",
    };
}

function name(component: string): string {
    return `quay.io/calico/${component}:${versions.calico}`;
}
