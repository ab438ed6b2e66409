import { isPlainMap } from "./helmValues.ts";
import type { Need } from "./need.ts";
import type { HelmValues } from "./plan.ts";
import type { Path } from "./problem.ts";
import type { ReservedValues } from "./rules/reservedHelmValues.ts";

/** What is installed, as a primary network and as an extra one alike. */
export const CILIUM = { chart: "cilium", title: "Cilium" } as const;

/** `extraConfig` goes into the agent's configuration as it is, over what the values said. */
export const agent = (...keys: string[]) => keys.map((key) => `extraConfig.${key}`);

/** Values of Cilium's chart that multinet fixes wherever it runs. */
export const RESERVED: ReservedValues[] = [
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

/** Those of its pool of addresses. */
export const POOL_KEYS = [
    "ipam",
    ...agent("ipam", "cluster-pool-ipv4-cidr", "cluster-pool-ipv4-mask-size"),
];

/** What the container engine may not give is left out; the agent does without. */
const CAPABILITIES = {
    ciliumAgent: [
        ...["CHOWN", "KILL", "NET_ADMIN", "NET_RAW", "IPC_LOCK", "SYS_ADMIN"],
        ...["DAC_OVERRIDE", "FOWNER", "SETGID", "SETUID"],
    ],
    cleanCiliumState: ["NET_ADMIN", "SYS_ADMIN"],
};

/** Nothing besides agent and operator; the user may want more. */
export const BARE: HelmValues = {
    operator: { replicas: 1 },
    l7Proxy: false,
    envoy: { enabled: false },
    hubble: { enabled: false },
    healthChecking: false,
    endpointHealthChecking: { enabled: false },
    bandwidthManager: { enabled: false },
    cgroup: { autoMount: { enabled: true }, hostRoot: "/run/cilium/cgroupv2" },
    securityContext: { capabilities: CAPABILITIES },
};

export const TUNNEL: HelmValues = {
    routingMode: "tunnel",
    tunnelProtocol: "vxlan",
    bpf: { masquerade: false },
};

/** What is the testbed's to decide wherever Cilium runs: IPv4, no kube-proxy replacement. */
export function fixedValues(range: string, nodePrefix: number): HelmValues {
    return {
        // A changed ConfigMap alone restarts neither.
        rollOutCiliumPods: true,
        operator: { rollOutPods: true },
        kubeProxyReplacement: "false",
        ipam: {
            mode: "cluster-pool",
            operator: {
                clusterPoolIPv4PodCIDRList: [range],
                clusterPoolIPv4MaskSize: nodePrefix,
            },
        },
        ipv6: { enabled: false },
        // Not those of another network.
        devices: "eth0",
        // Packets of the other networks take the node's own routes.
        bpf: { hostLegacyRouting: true },
        // Exclusive, it would rename the file of Multus.
        cni: { exclusive: false },
    };
}

/** Cilium's own WireGuard is not ours to decide, so it stands in the values. */
export function wireguardNeeds(path: Path, { encryption: value }: HelmValues): Need[] {
    if (!isPlainMap(value) || value["enabled"] !== true || value["type"] !== "wireguard") {
        return [];
    }
    const option = "CONFIG_WIREGUARD";
    return [{ option, path: [...path, "encryption"], value, fix: "Remove it" }];
}
