import { goArtifact, stamp } from "../goArtifact.ts";
import { kubernetesStamps } from "../goModule.ts";
import type { Artifact, Cost } from "../artifact.ts";
import { cniPluginsDownload } from "../../plan/downloads.ts";
import { versions } from "../../plan/versions.ts";
import { thisTarget } from "../../system/thisTarget.ts";

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

const nodePrograms: Cost = { build: true, disk: 10, minutes: 22 };

/** The programs that run in nodes and in the images preloaded there. */
export const GO_ARTIFACTS: Artifact[] = [
    goArtifact({
        name: "kubernetes",
        version: versions.kubernetes,
        cost: nodePrograms,
        programs: packages(KUBERNETES, (name) => `k8s.io/kubernetes/cmd/${name}`),
        ldflags: kubernetesStamps(),
    }),
    goArtifact({
        name: "etcd",
        version: versions.etcd,
        cost: nodePrograms,
        programs: { etcd: "go.etcd.io/etcd/server/v3", etcdctl: "go.etcd.io/etcd/etcdctl/v3" },
    }),
    goArtifact({
        name: "coredns",
        version: versions.coredns,
        cost: nodePrograms,
        programs: { coredns: "." },
    }),
    goArtifact({
        name: "pause",
        version: versions.pause,
        cost: nodePrograms,
        programs: { pause: "." },
    }),
    goArtifact({
        name: "kindnet",
        version: "stand-in",
        cost: nodePrograms,
        programs: { kindnet: "." },
    }),
    goArtifact({
        name: "multus",
        version: versions.multus,
        cost: nodePrograms,
        programs: packages(MULTUS, (name) => `${MULTUS_MODULE}/cmd/${name}`),
        ldflags: [stamp(`${MULTUS_MODULE}/pkg/multus.version`, versions.multus)],
    }),
    goArtifact({
        name: "cni-plugins",
        version: versions.cniPlugins,
        cost: { build: true, disk: 1, minutes: 1 },
        module: "cni",
        programs: packages(CNI_PLUGINS, (name) => `${CONTAINERNETWORKING}/plugins/${name}`),
        ldflags: [
            stamp(
                `${CONTAINERNETWORKING}/pkg/utils/buildversion.BuildVersion`,
                versions.cniPlugins,
            ),
        ],
        official: cniPluginsDownload(thisTarget().arch),
    }),
    goArtifact({
        name: "containerd",
        version: versions.containerd,
        cost: nodePrograms,
        programs: packages(CONTAINERD, (name) => `${CONTAINERD_MODULE}/cmd/${name}`),
        ldflags: [stamp(`${CONTAINERD_MODULE}/version.Version`, versions.containerd)],
        // Storage drivers that a node never uses.
        tags: ["no_aufs", "no_btrfs", "no_devmapper", "no_zfs"],
    }),
];

/** Programs by the last part of their name. */
function packages(names: string[], path: (name: string) => string): Record<string, string> {
    return Object.fromEntries(names.map((name) => [name.replace(/^.*\//, ""), path(name)]));
}
