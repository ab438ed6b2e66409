import type { Drift } from "./drift.ts";

const DIR = "/etc/cni/multus/net.d";
const file = `${DIR}/multinet-data-plane.conflist`;

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

const route = "$(ip route show proto 200 | grep via | head -1 | cut -d' ' -f1)";
const edge2 = "edge2-control-plane";
const worker = "edge1-worker";

/** What the agent of a node takes care of. */
export const nodes: Drift[] = [
    onNode(
        "a route deleted",
        edge2,
        `echo ${route} >/run/lost; ip route del $(cat /run/lost) proto 200`,
        "! ip route show proto 200 | grep -q ^$(cat /run/lost)",
    ),
    onNode(
        "a route to a wrong next hop",
        worker,
        `ip route replace ${route} via $(ip -4 route show default | cut -d' ' -f3) proto 200`,
        "ip route show proto 200 | grep -q \"via $(ip -4 route show default | cut -d' ' -f3) \"",
    ),
    onNode(
        "an unreachable route deleted",
        edge2,
        "ip route del unreachable 10.2.1.0/24 proto 200 metric 4096",
        "! ip route show proto 200 | grep -q 'unreachable 10.2.1.0/24'",
    ),
    onNode(
        "a foreign route with the tag of ours",
        worker,
        "ip route add 10.60.0.0/16 dev lo proto 200",
        "ip route show proto 200 | grep -q ^10.60.0.0/16",
    ),
    onNode("a CNI file deleted", edge2, `rm ${file}`, `[ ! -e ${file} ]`),
    onNode("a CNI file edited", worker, `sed -i s/1500/1200/ ${file}`, `grep -q 1200 ${file}`),
    onNode("a CNI file emptied", worker, `: >${file}`, `[ ! -s ${file} ]`),
    onNode(
        "a plugin's binary deleted",
        worker,
        "cp /opt/cni/bin/ptp /run/ptp; mkdir -p /opt/multinet; rm /opt/cni/bin/ptp",
        "[ ! -e /opt/cni/bin/ptp ]",
    ),
    onNode(
        "a plugin's binary without its mode",
        edge2,
        "chmod 644 /opt/cni/bin/ptp",
        "[ ! -x /opt/cni/bin/ptp ]",
    ),
    onNode(
        "IPv4 forwarding switched off",
        edge2,
        "echo 0 >/proc/sys/net/ipv4/ip_forward",
        "[ $(cat /proc/sys/net/ipv4/ip_forward) = 0 ]",
    ),
    onNode(
        "the exemption's chain flushed",
        worker,
        "nft flush chain ip multinet postrouting",
        "! nft list table ip multinet | grep -q snat",
    ),
    onNode(
        "the exemption's table deleted",
        edge2,
        "nft delete table ip multinet",
        "! nft list table ip multinet >/dev/null 2>&1",
    ),
    onNode(
        "a foreign rule before those of the exemption",
        worker,
        "nft insert rule ip multinet postrouting masquerade",
        "nft list table ip multinet | grep -q masquerade",
    ),
];

export { edge2, worker };
