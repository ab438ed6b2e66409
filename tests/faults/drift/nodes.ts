import type { Drift } from "./drift.ts";

const DIR = "/etc/cni/multus/net.d";
const FILE = `${DIR}/multinet-data-plane.conflist`;

const says = (output: string) => output.trim() === "yes";
const test = (condition: string) => `if ${condition}; then echo yes; else echo no; fi`;

/** Something on a node of which its agent takes care. */
function onNode(what: string, node: string, make: string, there: string): Drift {
    return {
        what,
        make: ({ on }) => on(node, make),
        there: async ({ on }) => says(await on(node, test(there))),
        named: "agent",
    };
}

const ROUTE = "$(ip route show proto 200 | grep via | head -1 | cut -d' ' -f1)";
const EDGE2 = "edge2-control-plane";
const WORKER = "edge1-worker";

/** What the agent of a node takes care of. */
export const NODES: Drift[] = [
    onNode(
        "a route deleted",
        EDGE2,
        `echo ${ROUTE} >/run/lost; ip route del $(cat /run/lost) proto 200`,
        "! ip route show proto 200 | grep -q ^$(cat /run/lost)",
    ),
    onNode(
        "a route to a wrong next hop",
        WORKER,
        `ip route replace ${ROUTE} via $(ip -4 route show default | cut -d' ' -f3) proto 200`,
        "ip route show proto 200 | grep -q \"via $(ip -4 route show default | cut -d' ' -f3) \"",
    ),
    onNode(
        "an unreachable route deleted",
        EDGE2,
        "ip route del unreachable 10.2.1.0/24 proto 200 metric 4096",
        "! ip route show proto 200 | grep -q 'unreachable 10.2.1.0/24'",
    ),
    onNode(
        "a foreign route with the tag of ours",
        WORKER,
        "ip route add 10.60.0.0/16 dev lo proto 200",
        "ip route show proto 200 | grep -q ^10.60.0.0/16",
    ),
    onNode("a CNI file deleted", EDGE2, `rm ${FILE}`, `[ ! -e ${FILE} ]`),
    onNode("a CNI file edited", WORKER, `sed -i s/1500/1200/ ${FILE}`, `grep -q 1200 ${FILE}`),
    onNode("a CNI file emptied", WORKER, `: >${FILE}`, `[ ! -s ${FILE} ]`),
    onNode(
        "a plugin's binary deleted",
        WORKER,
        "cp /opt/cni/bin/ptp /run/ptp; mkdir -p /opt/multinet; rm /opt/cni/bin/ptp",
        "[ ! -e /opt/cni/bin/ptp ]",
    ),
    onNode(
        "a plugin's binary without its mode",
        EDGE2,
        "chmod 644 /opt/cni/bin/ptp",
        "[ ! -x /opt/cni/bin/ptp ]",
    ),
    onNode(
        "IPv4 forwarding switched off",
        EDGE2,
        "echo 0 >/proc/sys/net/ipv4/ip_forward",
        "[ $(cat /proc/sys/net/ipv4/ip_forward) = 0 ]",
    ),
    onNode(
        "the exemption's chain flushed",
        WORKER,
        "nft flush chain ip multinet postrouting",
        "! nft list table ip multinet | grep -q snat",
    ),
    onNode(
        "the exemption's table deleted",
        EDGE2,
        "nft delete table ip multinet",
        "! nft list table ip multinet >/dev/null 2>&1",
    ),
    onNode(
        "a foreign rule before those of the exemption",
        WORKER,
        "nft insert rule ip multinet postrouting masquerade",
        "nft list table ip multinet | grep -q masquerade",
    ),
];

export { EDGE2 as edge2, WORKER as worker };
