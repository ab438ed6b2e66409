import { join } from "node:path";
import { goBuild, goRecipe, kubernetesStamps } from "../goModule.ts";
import { officialElse, unpack } from "../official.ts";
import type { Artifact, BuildContext } from "../artifact.ts";
import { downloadRecipe, downloads, versions, type Download } from "../../plan/versions.ts";

interface GoArtifact {
    name: string;
    version: string;
    /** Folder under `source-builds/modules`; the artifact's name if not given. */
    module?: string;
    /** The programs of the artifact and the packages they are built from. */
    programs: Record<string, string>;
    ldflags?: string[];
    tags?: string[];
    /** Release of Go to build with, if not the machine's own. */
    goVersion?: string;
    /** Archive with the same programs, taken where it can be had. */
    official?: Download;
}

/** An artifact that is a directory of programs of one Go module. */
function goArtifact({ module, programs, official, ...artifact }: GoArtifact): Artifact {
    const { name, version, ldflags = [], tags = [], goVersion } = artifact;
    const source = module ?? name;
    const flags = [programs, ldflags, tags, ...(goVersion ? [goVersion] : [])];
    const make = async (into: string, context: BuildContext) => {
        for (const [program, path] of Object.entries(programs)) {
            const output = join(into, program);
            const build = { module: source, package: path, output, ldflags, tags, goVersion };
            await goBuild(context, build);
        }
    };
    return {
        name,
        version,
        needs: [],
        recipe: () => [
            ...(official ? [downloadRecipe(official)] : []),
            JSON.stringify(flags),
            ...goRecipe(source),
        ],
        make: official
            ? (into, context) =>
                  officialElse(
                      official,
                      into,
                      context,
                      () => make(into, context),
                      (archive) => unpack(context, archive, into, []),
                  )
            : make,
    };
}

const KUBERNETES = [
    "kubelet",
    "kubeadm",
    "kubectl",
    "kube-apiserver",
    "kube-controller-manager",
    "kube-scheduler",
    "kube-proxy",
];
const CNI_PLUGINS = [
    "ipam/dhcp",
    "ipam/host-local",
    "ipam/static",
    "main/bridge",
    "main/dummy",
    "main/host-device",
    "main/ipvlan",
    "main/loopback",
    "main/macvlan",
    "main/ptp",
    "main/tap",
    "main/vlan",
    "meta/bandwidth",
    "meta/firewall",
    "meta/portmap",
    "meta/sbr",
    "meta/tuning",
    "meta/vrf",
];
const MULTUS = ["install_multus", "multus", "passthru-cni", "thin_entrypoint"];
const CONTAINERD = ["containerd", "containerd-shim-runc-v2", "ctr"];

const CONTAINERNETWORKING = "github.com/containernetworking/plugins";
const MULTUS_MODULE = "gopkg.in/k8snetworkplumbingwg/multus-cni.v4";
const CONTAINERD_MODULE = "github.com/containerd/containerd/v2";
const CALICO = "github.com/projectcalico/calico";
const OPERATOR = "github.com/tigera/operator";
const CILIUM = "github.com/cilium/cilium";

/** The programs that run in nodes and in the images preloaded there. */
export const GO_ARTIFACTS: Artifact[] = [
    goArtifact({
        name: "kubernetes",
        version: versions.kubernetes,
        programs: packages(KUBERNETES, (name) => `k8s.io/kubernetes/cmd/${name}`),
        ldflags: kubernetesStamps(),
    }),
    goArtifact({
        name: "etcd",
        version: versions.etcd,
        programs: { etcd: "go.etcd.io/etcd/server/v3", etcdctl: "go.etcd.io/etcd/etcdctl/v3" },
    }),
    goArtifact({ name: "coredns", version: versions.coredns, programs: { coredns: "." } }),
    goArtifact({ name: "pause", version: versions.pause, programs: { pause: "." } }),
    goArtifact({ name: "kindnet", version: "stand-in", programs: { kindnet: "." } }),
    goArtifact({
        name: "multus",
        version: versions.multus,
        programs: packages(MULTUS, (name) => `${MULTUS_MODULE}/cmd/${name}`),
        ldflags: [stamp(`${MULTUS_MODULE}/pkg/multus.version`, versions.multus)],
    }),
    goArtifact({
        name: "cni-plugins",
        version: versions.cniPlugins,
        module: "cni",
        programs: packages(CNI_PLUGINS, (name) => `${CONTAINERNETWORKING}/plugins/${name}`),
        ldflags: [
            stamp(
                `${CONTAINERNETWORKING}/pkg/utils/buildversion.BuildVersion`,
                versions.cniPlugins,
            ),
        ],
        official: downloads.cniPlugins,
    }),
    goArtifact({
        name: "containerd",
        version: versions.containerd,
        programs: packages(CONTAINERD, (name) => `${CONTAINERD_MODULE}/cmd/${name}`),
        ldflags: [stamp(`${CONTAINERD_MODULE}/version.Version`, versions.containerd)],
        // Storage drivers that a node never uses.
        tags: ["no_aufs", "no_btrfs", "no_devmapper", "no_zfs"],
    }),
];

/** The programs of CNI plugins that only some stacks ask for. */
export const CNI_GO_ARTIFACTS: Artifact[] = [
    goArtifact({
        name: "calico",
        version: versions.calico,
        programs: {
            "calico-typha": `${CALICO}/typha/cmd/calico-typha`,
            "calico-cni": `${CALICO}/cni-plugin/cmd/calico`,
            "calico-node": `${CALICO}/node/cmd/calico-node`,
            "kube-controllers": `${CALICO}/kube-controllers/cmd/kube-controllers`,
            "check-status": `${CALICO}/kube-controllers/cmd/check-status`,
            wrapper: `${CALICO}/kube-controllers/cmd/wrapper`,
            install: `${CALICO}/cni-plugin/cmd/install`,
        },
        ldflags: [
            stamp(`${CALICO}/pkg/buildinfo.Version`, versions.calico),
            stamp("main.VERSION", versions.calico),
        ],
        goVersion: versions.go.calico,
    }),
    goArtifact({
        name: "tigera-operator",
        version: versions.tigeraOperator,
        programs: { operator: `${OPERATOR}/cmd` },
        ldflags: [stamp(`${OPERATOR}/version.VERSION`, versions.tigeraOperator)],
        goVersion: versions.go.tigeraOperator,
    }),
    goArtifact({
        name: "cilium",
        version: versions.cilium,
        programs: {
            "cilium-agent": `${CILIUM}/daemon`,
            "cilium-dbg": `${CILIUM}/cilium-dbg`,
            "cilium-cni": `${CILIUM}/plugins/cilium-cni`,
            "cilium-operator-generic": `${CILIUM}/operator`,
            "cilium-health": `${CILIUM}/cilium-health`,
            "cilium-mount": `${CILIUM}/tools/mount`,
            "cilium-sysctlfix": `${CILIUM}/tools/sysctlfix`,
        },
        ldflags: [stamp(`${CILIUM}/pkg/version.ciliumVersion`, versions.cilium.slice(1))],
        // Lets the operator hand out a pool of its own, which is all that the generic one is for.
        tags: ["ipam_provider_operator"],
    }),
];

/** Programs by the last part of their name. */
function packages(names: string[], path: (name: string) => string): Record<string, string> {
    return Object.fromEntries(names.map((name) => [name.replace(/^.*\//, ""), path(name)]));
}

function stamp(variable: string, value: string): string {
    return `-X ${variable}=${value}`;
}
