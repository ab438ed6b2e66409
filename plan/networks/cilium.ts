import { cidrOf, formatCidr, overlaps } from "../cidr.ts";
import * as chart from "../ciliumChart.ts";
import { key } from "../config/key.ts";
import { prefixLength, values } from "../config/refine.ts";
import { merged } from "../helmValues.ts";
import type { HelmValues, NetworkPlan } from "../plan.ts";
import { enumerate } from "../problem.ts";
import type { ReservedValues } from "../rules/reservedHelmValues.ts";
import { pool } from "./division.ts";
import { BRIDGE_MTU, LESS_ON_BRIDGE, membership, mtuUpTo, requiredRange } from "./keys.ts";
import type { ConfigOf, NetworkType } from "./networkType.ts";

/** What VXLAN puts in front of every packet, in bytes; Cilium's own MTU is that of the network below. */
const VXLAN_HEADER = 50;

const keys = {
    ...membership,
    cidr: requiredRange,
    nodePrefix: key(
        prefixLength.default(24),
        "prefix length of the range that Cilium gives each node",
        { example: "24", decides: true },
    ),
    mtu: key(
        mtuUpTo(
            BRIDGE_MTU - VXLAN_HEADER,
            `of the ${BRIDGE_MTU} that the docker network between the nodes carries VXLAN takes ${VXLAN_HEADER}`,
        ),
        `MTU of the pods' routes in bytes, 576 to ${BRIDGE_MTU - VXLAN_HEADER}; ${LESS_ON_BRIDGE}`,
        { example: "1500" },
    ),
    values: key(values, "overrides of the Cilium chart's values, as above", {
        example: "{ resources: {} }",
        otherwise: "none",
    }),
};

interface CiliumPlan extends NetworkPlan {
    /** Prefix length of the range that Cilium gives each node. */
    nodePrefix: number;
    mtu: number;
    values: HelmValues;
}

/** The range from which Cilium takes its pools when it is told none. */
const OWN_DEFAULT = cidrOf("10.0.0.0/8");

const RESERVED: ReservedValues[] = [
    ...chart.RESERVED,
    {
        keys: chart.POOL_KEYS,
        why: "the range and each node's part of it are keys of the network",
        instead: "cidr and nodePrefix",
    },
    {
        keys: ["MTU", ...chart.agent("mtu")],
        why: "the pods' routes have to have the same",
        instead: "mtu",
    },
    {
        keys: [
            ...["cni.customConf", "cni.confPath", "cni.configMap", "cni.chainingMode"],
            "cni.chainingTarget",
            ...chart.agent("custom-cni-conf", "write-cni-conf-when-ready"),
            ...chart.agent("cni-chaining-mode", "cni-chaining-target"),
        ],
        why: "a node's own CNI configuration belongs to the primary network",
    },
    {
        keys: ["cni.uninstall", "cni.binPath", ...chart.agent("cni-uninstall")],
        why: "pods that still have the network could then not be removed",
    },
    {
        keys: ["operator.unmanagedPodWatcher", ...chart.agent("unmanaged-pod-watcher-interval")],
        why: "it deletes kube-dns pods one after the other, without end, as they are not Cilium's",
    },
    {
        keys: [
            ...["operator.setNodeTaints", "operator.removeNodeTaints"],
            "operator.setNodeNetworkStatus",
            ...chart.agent("set-cilium-node-taints", "set-cilium-is-up-condition"),
        ],
        why: "whether a node is ready is for its primary network to say",
    },
    {
        keys: [
            ...["routingMode", "tunnelProtocol", "tunnelPort", "underlayProtocol"],
            "autoDirectNodeRoutes",
            ...chart.agent("routing-mode", "tunnel-protocol", "tunnel-port"),
        ],
        why: "it has a VXLAN tunnel of its own, apart from that of the primary network",
    },
    {
        keys: [
            ...["enableIPv4Masquerade", "bpf.masquerade", "ipMasqAgent"],
            ...chart.agent("enable-ipv4-masquerade", "enable-bpf-masquerade"),
            ...chart.agent("enable-ip-masq-agent"),
        ],
        why: "a peer has to see the pod's own address",
    },
    {
        keys: ["enableIdentityMark", ...chart.agent("enable-identity-mark")],
        why: "the primary network marks packets with the same bits",
    },
];

/** Cilium beside the primary network: an overlay of its own in every cluster that joins, none between clusters. */
export const cilium: NetworkType<ConfigOf<typeof keys>, CiliumPlan> = {
    name: "cilium",
    text: {
        is: "Cilium beside the primary network, an overlay for each cluster; one in a cluster, and none where Cilium is the primary network",
        between: "no",
    },
    keys,

    whyNoDefault(overlapping) {
        const others = overlapping(OWN_DEFAULT);
        return `Left to itself Cilium takes its own default, ${formatCidr(OWN_DEFAULT)}, ${others.length > 0 ? `which overlaps with ${enumerate(others)}` : "most of all private addresses"}.`;
    },

    division: pool,
    routed: false,
    reach: "cluster",
    layer2: false,
    overlay: true,
    overhead: VXLAN_HEADER,
    measured: true,
    reserved: { before: "Cilium's router" },
    plugins: () => [],
    installs: chart.CILIUM,
    reservedValues: RESERVED,
    plan: ({ nodePrefix, values }) => ({ nodePrefix, values }),

    // The plugin of Cilium leaves its pool without a route where another network has the default route, and a large MTU on
    // the device. Cilium answers ARP for every address, so an on-link route does on every node.
    cni: ({ cidr, mtu }) => [
        {
            type: "cilium-cni",
            "enable-debug": false,
            "log-file": "/var/run/cilium/cilium-cni.log",
        },
        { type: "netroutes", routes: [{ dst: cidr, mtu }] },
    ],

    // It touches neither the node's CNI files nor pods that are not its own.
    values({ cidr, nodePrefix, mtu, values: users }) {
        // The primary network has policies as well, and once is enough.
        const open = { policyEnforcementMode: "never" };
        const aside = {
            operator: {
                // It would delete the pods of kube-dns one after the other, without end.
                unmanagedPodWatcher: { restart: false },
                setNodeTaints: false,
                setNodeNetworkStatus: false,
            },
            cni: { customConf: true, uninstall: false },
            // Apart from the tunnel of a primary Cilium, and from Calico's 4789.
            tunnelPort: 8473,
            MTU: mtu + VXLAN_HEADER,
            enableIPv4Masquerade: false,
            enableIdentityMark: false,
        };
        const fixed = chart.fixedValues(cidr, nodePrefix);
        return [chart.BARE, open, users, chart.TUNNEL, fixed, aside].reduce(merged);
    },

    needs: ({ name, values }) => chart.wireguardNeeds(["networks", name, "values"], values),

    // Cilium keeps what it once gave.
    givenProblem({ name, cidr, nodePrefix }, ranges, kubeconfig) {
        const given = Object.entries(ranges).find(([, { range }]) => {
            const found = cidrOf(range);
            return found.prefix !== nodePrefix || !overlaps(found, cidrOf(cidr));
        });
        if (!given) {
            return undefined;
        }
        const [node, { range }] = given;
        return (
            `networks.${name}: Cilium gave node ${node} the range ${range} and keeps it, which is no /${nodePrefix} of ${cidr}.\n` +
            "Set cidr and nodePrefix to what they were. Or give the ranges up: take the network out of the configuration, " +
            `pulumi up, kubectl --kubeconfig ${kubeconfig} delete ciliumnodes --all, and put it in again.`
        );
    },
};
