import { join } from "node:path";
import { versions } from "../../plan/versions.ts";
import type { ArtifactDirectory } from "../artifact.ts";
import type { Image } from "./archive.ts";
import type { DebianRoot } from "./debianRoot.ts";
import { Layer } from "./layer.ts";

export const PAUSE_IMAGE = `registry.k8s.io/pause:${versions.pause}`;
export const KINDNET_IMAGE = "multinet.local/kindnet:stand-in-1";

const XTABLES = "/usr/lib/x86_64-linux-gnu/xtables";
const NETFILTER = [
    "/usr/sbin/iptables",
    "/usr/sbin/iptables-save",
    "/usr/sbin/iptables-restore",
    "/usr/sbin/ip6tables",
    "/usr/sbin/ip6tables-save",
    "/usr/sbin/ip6tables-restore",
    "/usr/sbin/nft",
    "/usr/sbin/conntrack",
    "/usr/sbin/ip",
    "/usr/bin/kmod",
];

/** Decides, with the artifacts, what these images hold; the number is raised when the code below puts in other things. */
export const COMPONENTS_RECIPE = [
    "components 1",
    PAUSE_IMAGE,
    KINDNET_IMAGE,
    XTABLES,
    ...NETFILTER,
];

/** What kubeadm and kind start in a node, under the names that they use. */
export function componentImages(dir: ArtifactDirectory, debian: DebianRoot): Image[] {
    const kubernetes = dir("kubernetes");
    const controlPlane = ["kube-apiserver", "kube-controller-manager", "kube-scheduler"];
    return [
        ...controlPlane.map((name) => ({
            name: `registry.k8s.io/${name}:${versions.kubernetes}`,
            layer: programs(kubernetes, "/usr/local/bin", [name]),
        })),
        {
            name: `registry.k8s.io/kube-proxy:${versions.kubernetes}`,
            layer: withNetfilter(programs(kubernetes, "/usr/local/bin", ["kube-proxy"]), debian),
        },
        {
            name: `registry.k8s.io/etcd:${versions.etcd.slice(1)}-0`,
            layer: programs(dir("etcd"), "/usr/local/bin", ["etcd", "etcdctl"]),
        },
        {
            name: `registry.k8s.io/coredns/coredns:${versions.coredns}`,
            layer: programs(dir("coredns"), "/", ["coredns"]),
            entrypoint: ["/coredns"],
        },
        {
            name: PAUSE_IMAGE,
            layer: programs(dir("pause"), "/", ["pause"]),
            entrypoint: ["/pause"],
        },
        {
            name: KINDNET_IMAGE,
            layer: withNetfilter(programs(dir("kindnet"), "/", ["kindnet"]), debian),
            entrypoint: ["/kindnet"],
        },
    ];
}

function programs(from: string, to: string, names: string[]): Layer {
    const layer = new Layer().directory("/tmp", 0o1777).directory("/etc").directory("/run");
    for (const name of names) {
        layer.file(join(to, name), join(from, name), 0o755);
    }
    return layer;
}

/** iptables loads its extensions by name, so that no library list leads to them. */
function withNetfilter(layer: Layer, debian: DebianRoot): Layer {
    debian.pick(layer, NETFILTER);
    debian.pickTree(layer, XTABLES);
    return layer;
}
