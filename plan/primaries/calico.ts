import { z } from "zod";
import { key } from "../config/key.ts";
import { values } from "../config/refine.ts";
import { merged } from "../helmValues.ts";
import type { Need } from "../need.ts";
import type { HelmValues } from "../plan.ts";
import { problem } from "../problem.ts";
import type { ReservedValues } from "../rules/reservedHelmValues.ts";
import type { PrimaryType, SettingsOf } from "./primaryType.ts";

const keys = {
    encapsulation: key(
        z.enum(["VXLAN", "IPIP", "None"]).default("VXLAN"),
        "how packets travel between nodes: `VXLAN`, `IPIP` or `None`; IPIP is refused if the kernel lacks it",
        { example: "None" },
    ),
    wireguard: key(
        z.boolean().default(false),
        "whether the traffic between nodes is encrypted; refused if the kernel lacks WireGuard",
        { example: "true" },
    ),
    values: key(values, "overrides of the tigera-operator chart's values", {
        example: "{ resources: {} }",
        otherwise: "none",
    }),
};

/** One replica, and without three controllers that no test cluster needs; the user may want more. */
const BARE: HelmValues = {
    installation: { controlPlaneReplicas: 1 },
    apiServer: { enabled: false },
    goldmane: { enabled: false },
    whisker: { enabled: false },
};

const NETWORK = "installation.calicoNetwork";

const RESERVED: ReservedValues[] = [
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

/** Calico as a cluster's own network, by the tigera-operator. */
export const calico: PrimaryType<SettingsOf<typeof keys>> = {
    name: "calico",
    keys,
    text: {
        section: "how Calico is set up, see below; only with `primary: calico`",
        example: "{ encapsulation: VXLAN }",
    },
    conflist: "10-calico.conflist",
    installs: { chart: "calico", title: "Calico" },
    reservedValues: RESERVED,
    givesRanges: false,

    values({ podSubnet, kubeProxyMode }, { encapsulation, values: users }) {
        const fixed = {
            installation: {
                calicoNetwork: {
                    // VXLAN needs no routing daemon.
                    bgp: encapsulation === "VXLAN" ? "Disabled" : "Enabled",
                    // It has to speak to the same tables as kube-proxy.
                    linuxDataplane: kubeProxyMode === "nftables" ? "Nftables" : "Iptables",
                    // Not the first device found: on a node with Cilium that may be cilium_host.
                    nodeAddressAutodetectionV4: { kubernetes: "NodeInternalIP" },
                    ipPools: [
                        { cidr: podSubnet, encapsulation, natOutgoing: "Enabled", blockSize: 26 },
                    ],
                },
                flexVolumePath: "None",
                kubeletVolumePluginPath: "None",
            },
        };
        return [BARE, users, fixed].reduce(merged);
    },

    needs({ encapsulation, wireguard }, path) {
        const needs: Need[] = [];
        if (encapsulation === "IPIP") {
            const at = [...path, "encapsulation"];
            const fix = "Write encapsulation: VXLAN or None";
            needs.push({ option: "CONFIG_NET_IPIP", path: at, value: "IPIP", fix });
        }
        if (wireguard) {
            const at = [...path, "wireguard"];
            needs.push({ option: "CONFIG_WIREGUARD", path: at, value: true, fix: "Remove it" });
        }
        return needs;
    },

    madeImagesProblems: ({ encapsulation }, path) =>
        encapsulation === "VXLAN"
            ? []
            : [
                  problem([...path, "encapsulation"], encapsulation, {
                      reason: "It needs Calico's routing daemon (BIRD), which the images made on this machine do not have.",
                      fix: "Write encapsulation: VXLAN.",
                  }),
              ],
};
