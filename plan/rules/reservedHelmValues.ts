import type { ParsedConfig } from "../config/parsedConfig.ts";
import { isMap } from "../config/explain.ts";
import type { HelmValues } from "../plan.ts";
import { problem, type Path, type Problem } from "../problem.ts";

/** Values of a chart that multinet fixes, and why. */
interface Reserved {
    /** Paths into the values; whatever lies below is decided as well. */
    keys: string[];
    why: string;
    /** The key of the configuration that is to be set instead. */
    instead?: string;
}

/** `extraConfig` goes into the agent's configuration as it is, over what the values said. */
const agent = (...keys: string[]) => keys.map((key) => `extraConfig.${key}`);

const CILIUM: Reserved[] = [
    {
        keys: ["image", "operator.image"],
        why: "chart and images are pinned together",
    },
    {
        keys: ["agent", "operator.enabled", "cni.install"],
        why: "the network would not be there without",
    },
    {
        keys: ["rollOutCiliumPods", "operator.rollOutPods"],
        why: "a changed value has to reach the pods that run",
    },
    {
        keys: ["cni.exclusive", ...agent("cni-exclusive")],
        why: "exclusive, Cilium renames every other CNI file of a node, that of Multus among them",
    },
    {
        keys: [
            "kubeProxyReplacement",
            "socketLB",
            ...agent("kube-proxy-replacement", "bpf-lb-sock"),
        ],
        why: "kube-proxy runs in every cluster, and the replacement's socket load balancing and routing interfere with the other attachments of a pod",
    },
    {
        keys: ["ipv4", "ipv6", ...agent("enable-ipv4", "enable-ipv6")],
        why: "all networks here are IPv4",
    },
    {
        keys: ["devices", "forceDeviceDetection", ...agent("devices", "force-device-detection")],
        why: "of the nodes' devices only that on the docker network is for Cilium, none of another network",
    },
    {
        keys: ["bpf.hostLegacyRouting", ...agent("enable-host-legacy-routing")],
        why: "packets of the other networks take the node's own routes",
    },
];

const POOL_KEYS = [
    "ipam",
    ...agent("ipam", "cluster-pool-ipv4-cidr", "cluster-pool-ipv4-mask-size"),
];

const PRIMARY_CILIUM: Reserved[] = [
    ...CILIUM,
    { keys: POOL_KEYS, why: "its range is the cluster's pod subnet", instead: "podSubnet" },
];

const SECONDARY_CILIUM: Reserved[] = [
    ...CILIUM,
    {
        keys: POOL_KEYS,
        why: "the range and each node's part of it are keys of the network",
        instead: "cidr and nodePrefix",
    },
    {
        keys: ["MTU", ...agent("mtu")],
        why: "the pods' routes have to have the same",
        instead: "mtu",
    },
    {
        keys: [
            ...["cni.customConf", "cni.confPath", "cni.configMap", "cni.chainingMode"],
            ...["cni.chainingTarget", ...agent("custom-cni-conf", "write-cni-conf-when-ready")],
            ...agent("cni-chaining-mode", "cni-chaining-target"),
        ],
        why: "a node's own CNI configuration belongs to the primary network",
    },
    {
        keys: ["cni.uninstall", "cni.binPath", ...agent("cni-uninstall")],
        why: "pods that still have the network could then not be removed",
    },
    {
        keys: ["operator.unmanagedPodWatcher", ...agent("unmanaged-pod-watcher-interval")],
        why: "it deletes kube-dns pods one after the other, without end, as they are not Cilium's",
    },
    {
        keys: [
            ...["operator.setNodeTaints", "operator.removeNodeTaints"],
            "operator.setNodeNetworkStatus",
            ...agent("set-cilium-node-taints", "set-cilium-is-up-condition"),
        ],
        why: "whether a node is ready is for its primary network to say",
    },
    {
        keys: [
            ...["routingMode", "tunnelProtocol", "tunnelPort", "underlayProtocol"],
            ...["autoDirectNodeRoutes", ...agent("routing-mode", "tunnel-protocol", "tunnel-port")],
        ],
        why: "it has a VXLAN tunnel of its own, apart from that of the primary network",
    },
    {
        keys: [
            ...["enableIPv4Masquerade", "bpf.masquerade", "ipMasqAgent"],
            ...agent("enable-ipv4-masquerade", "enable-bpf-masquerade", "enable-ip-masq-agent"),
        ],
        why: "a peer has to see the pod's own address",
    },
    {
        keys: ["enableIdentityMark", ...agent("enable-identity-mark")],
        why: "the primary network marks packets with the same bits",
    },
];

const NETWORK = "installation.calicoNetwork";

const CALICO: Reserved[] = [
    {
        keys: [`${NETWORK}.ipPools`, `${NETWORK}.bgp`],
        why: "the pool is the cluster's pod subnet, and its encapsulation a key of its own",
        instead: "podSubnet and calico.encapsulation",
    },
    {
        keys: [`${NETWORK}.linuxDataplane`],
        why: "it must be the one that kube-proxy uses",
        instead: "kubeProxyMode",
    },
    {
        keys: ["nodeAddressAutodetectionV4", "nodeAddressAutodetectionV6"].map(
            (key) => `${NETWORK}.${key}`,
        ),
        why: "other ways than the Kubernetes address can find a device of another network, such as Cilium's",
    },
    {
        keys: ["defaultFelixConfiguration"],
        why: "the chart would create it before its kind exists; encryption is a key of its own",
        instead: "calico.wireguard",
    },
    {
        keys: ["enabled", "cni", "variant", "kubernetesProvider"].map(
            (key) => `installation.${key}`,
        ),
        why: "the nodes are kind's, and their own network is Calico with its own CNI plugin",
    },
    {
        keys: ["flexVolumePath", "kubeletVolumePluginPath"].map((key) => `installation.${key}`),
        why: "the testbed has no volume drivers of Calico's",
    },
    {
        keys: [
            ...["registry", "imagePath", "imagePrefix"].map((key) => `installation.${key}`),
            ...["tigeraOperator", "calicoctl", "manageCRDs"],
        ],
        why: "chart and images are pinned together",
    },
];

/** A problem for every override of a chart's values that multinet fixes. */
export function reservedValueProblems({ clusters, networks }: ParsedConfig): Problem[] {
    return [
        ...[...clusters].flatMap(([name, { calico, cilium }]) => [
            ...overridden(["clusters", name, "calico", "values"], calico?.values, CALICO),
            ...overridden(["clusters", name, "cilium", "values"], cilium?.values, PRIMARY_CILIUM),
        ]),
        ...[...networks].flatMap(([name, network]) =>
            network.type === "cilium"
                ? overridden(["networks", name, "values"], network.values, SECONDARY_CILIUM)
                : [],
        ),
    ];
}

function overridden(path: Path, values: HelmValues = {}, decided: Reserved[]): Problem[] {
    const refusals = new Map<string, Problem>();
    for (const { keys, why, instead } of decided) {
        for (const key of keys) {
            const inside = key.split(".");
            const found = lookUp(values, inside);
            if (!found) {
                continue;
            }
            const whole = found.path.length === inside.length;
            const refusal = problem([...path, ...found.path], found.value, {
                reason: whole
                    ? `${key} is fixed by multinet: ${why}.`
                    : `${key} is fixed by multinet, so this must be a map.`,
                fix: `Remove it${whole && instead ? `, and set ${instead} instead` : ""}.`,
            });
            if (!refusals.has(refusal.key)) {
                refusals.set(refusal.key, refusal);
            }
        }
    }
    return [...refusals.values()];
}

/** What is written at a path; or above it, where something else than a map stands in its way. */
function lookUp(values: HelmValues, path: string[]) {
    let value: unknown = values;
    for (const [i, key] of path.entries()) {
        if (!isMap(value)) {
            return { path: path.slice(0, i), value };
        }
        if (!Object.hasOwn(value, key)) {
            return undefined;
        }
        value = value[key];
    }
    return { path, value };
}
