import { join } from "node:path";
import { goBuild, goRecipe } from "../goModule.ts";
import type { Piece } from "../piece.ts";
import { versions } from "../versions.ts";

interface GoPiece {
    name: string;
    version: string;
    /** Folder under `toolchain/modules`; the piece's name if not given. */
    module?: string;
    /** The programs of the piece and the packages they are built from. */
    programs: Record<string, string>;
    ldflags?: string[];
    tags?: string[];
}

/** A piece that is a directory of programs of one Go module. */
function goPiece({ module, programs, ...piece }: GoPiece): Piece {
    const { name, version, ldflags = [], tags = [] } = piece;
    const source = module ?? name;
    return {
        name,
        version,
        needs: [],
        recipe: () => [JSON.stringify([programs, ldflags, tags]), ...goRecipe(source)],
        async make(into, workshop) {
            for (const [program, path] of Object.entries(programs)) {
                const output = join(into, program);
                await goBuild(workshop, { module: source, package: path, output, ldflags, tags });
            }
        },
    };
}

const kubernetes = [
    "kubelet",
    "kubeadm",
    "kubectl",
    "kube-apiserver",
    "kube-controller-manager",
    "kube-scheduler",
    "kube-proxy",
];
const cniPlugins = [
    "ipam/host-local",
    "ipam/static",
    "main/bridge",
    "main/host-device",
    "main/loopback",
    "main/macvlan",
    "main/ptp",
    "meta/bandwidth",
    "meta/firewall",
    "meta/portmap",
    "meta/sbr",
    "meta/tuning",
];
const multus = ["install_multus", "multus", "passthru-cni", "thin_entrypoint"];
const containerd = ["containerd", "containerd-shim-runc-v2", "ctr"];

const containernetworking = "github.com/containernetworking/plugins";
const multusModule = "gopkg.in/k8snetworkplumbingwg/multus-cni.v4";
const containerdModule = "github.com/containerd/containerd/v2";

/** Programs of Kubernetes call themselves v0.0.0 without these linker flags. */
export const kubernetesStamps = kubernetesStamp(versions.kubernetes);

/** The programs that run in nodes and in the images preloaded there. */
export const goPieces: Piece[] = [
    goPiece({
        name: "kubernetes",
        version: versions.kubernetes,
        programs: packages(kubernetes, (name) => `k8s.io/kubernetes/cmd/${name}`),
        ldflags: kubernetesStamps,
    }),
    goPiece({
        name: "etcd",
        version: versions.etcd,
        programs: { etcd: "go.etcd.io/etcd/server/v3", etcdctl: "go.etcd.io/etcd/etcdctl/v3" },
    }),
    goPiece({ name: "coredns", version: versions.coredns, programs: { coredns: "." } }),
    goPiece({ name: "pause", version: versions.pause, programs: { pause: "." } }),
    goPiece({ name: "kindnet", version: "stand-in", programs: { kindnet: "." } }),
    goPiece({
        name: "multus",
        version: versions.multus,
        programs: packages(multus, (name) => `${multusModule}/cmd/${name}`),
        ldflags: [stamp(`${multusModule}/pkg/multus.version`, versions.multus)],
    }),
    goPiece({
        name: "cni-plugins",
        version: versions.cniPlugins,
        module: "cni",
        programs: packages(cniPlugins, (name) => `${containernetworking}/plugins/${name}`),
        ldflags: [
            stamp(
                `${containernetworking}/pkg/utils/buildversion.BuildVersion`,
                versions.cniPlugins,
            ),
        ],
    }),
    goPiece({
        name: "containerd",
        version: versions.containerd,
        programs: packages(containerd, (name) => `${containerdModule}/cmd/${name}`),
        ldflags: [stamp(`${containerdModule}/version.Version`, versions.containerd)],
        // Storage drivers that a node never uses.
        tags: ["no_aufs", "no_btrfs", "no_devmapper", "no_zfs"],
    }),
];

/** Programs by the last part of their name. */
function packages(names: string[], path: (name: string) => string): Record<string, string> {
    return Object.fromEntries(names.map((name) => [name.replace(/^.*\//, ""), path(name)]));
}

function stamp(variable: string, value: string): string {
    return `-X ${variable}=${value}`;
}

function kubernetesStamp(version: string): string[] {
    const [gitMajor, gitMinor] = version.replace("v", "").split(".");
    const values = { gitVersion: version, gitMajor, gitMinor, gitTreeState: "clean" };
    return ["k8s.io/component-base/version", "k8s.io/client-go/pkg/version"].flatMap((path) =>
        Object.entries(values).map(([name, value]) => stamp(`${path}.${name}`, `${value}`)),
    );
}
