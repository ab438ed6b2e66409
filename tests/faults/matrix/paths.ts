import type { Kind } from "./kind.ts";

/** Two scripts on the node. */
function scripts(what: string, make: string, undo: string, on?: "all"): Kind {
    return {
        what,
        ...(on && { on }),
        make: async (scene, { node, slice }) => {
            const filled = (script: string) => script.replaceAll("SLICE", slice);
            await scene.on(node, `set -e\n${filled(make)}`);
            return { undo: () => scene.on(node, filled(undo)) };
        },
    };
}

/** A rule that is the first of its chain for as long as the fault lasts. */
function rule(what: string, table: string, chain: string, text: string, on?: "all"): Kind {
    const at = `iptables -w 5 -t ${table}`;
    return scripts(what, `${at} -I ${chain} 1 ${text}`, `${at} -D ${chain} ${text}`, on);
}

/** Something with the route to another node's slice; the next hop of the old one is in $hop. */
function route(what: string, make: string, on?: "all"): Kind {
    return {
        what,
        ...(on && { on }),
        make: async (scene, at, random) => {
            const { slice } = random.pick(scene.places.filter(({ node }) => node !== at.node));
            const saved = (await scene.on(at.node, `ip route show ${slice} proto 200`)).trim();
            const hop = /via (\S+)/.exec(saved)![1]!;
            const fill = (text: string) => text.replaceAll("DST", slice).replaceAll("HOP", hop);
            await scene.on(at.node, `set -e\n${fill(make)}`);
            const undo = `ip route flush ${slice} proto 200; ip route replace ${saved} proto 200`;
            return { undo: () => scene.on(at.node, undo) };
        },
    };
}

const ROUTES: Kind[] = [
    route("a route deleted", "ip route del DST proto 200", "all"),
    route("a route that is a black hole", "ip route replace blackhole DST proto 200", "all"),
    route(
        "a route to a next hop that is not there",
        "ip route replace DST via $(echo HOP | sed 's/[.][0-9]*$/.251/') proto 200",
        "all",
    ),
    {
        what: "a next hop at another hardware address",
        make: async (scene, at, random) => {
            const { slice } = random.pick(scene.places.filter(({ node }) => node !== at.node));
            const saved = await scene.on(at.node, `ip route show ${slice} proto 200`);
            const [, hop] = /via (\S+)/.exec(saved)!;
            const entry = `${hop} lladdr 02:00:00:00:00:01 nud permanent dev eth0`;
            await scene.on(at.node, `ip neigh replace ${entry}`);
            return { undo: () => scene.on(at.node, `ip neigh del ${hop} dev eth0`) };
        },
    },
    scripts(
        "free addresses that are dropped in silence",
        "ip route replace blackhole SLICE metric 4096 proto 200; ip route del unreachable SLICE metric 4096 proto 200 || true",
        "ip route flush type blackhole proto 200; ip route replace unreachable SLICE metric 4096 proto 200",
        "all",
    ),
    scripts(
        "forwarding switched off",
        "echo 0 >/proc/sys/net/ipv4/ip_forward",
        "echo 1 >/proc/sys/net/ipv4/ip_forward",
        "all",
    ),
];
const INSIDE = "-s 10.0.0.0/10 -d 10.0.0.0/10";

/** Another source for what stays inside the network: decided before the exemption is asked. */
function source(what: string, verdict: string, on?: "all"): Kind {
    const chain = "{ type nat hook postrouting priority -195; }";
    const rule = `ip saddr 10.0.0.0/10 ip daddr 10.0.0.0/10 ${verdict}`;
    return scripts(
        what,
        `nft --file - <<'END'
add table ip fault
add chain ip fault postrouting ${chain}
add rule ip fault postrouting ${rule}
END`,
        "nft delete table ip fault",
        on,
    );
}

const SOURCES: Kind[] = [
    scripts(
        "the exemption flushed",
        "nft list table ip multinet >/run/exempt; nft flush chain ip multinet postrouting",
        "nft delete table ip multinet; nft --file /run/exempt",
        "all",
    ),
    source("another source", "snat to 10.63.255.1", "all"),
    source("masquerade of UDP alone", "meta l4proto udp masquerade"),
    source("masquerade of TCP alone", "meta l4proto tcp masquerade"),
];

const lost = (share: number) => `-m statistic --mode random --probability ${share} -j DROP`;

const LOSSES: Kind[] = [
    ...[0.01, 0.02, 0.05, 0.1, 0.2, 0.5].map((share) =>
        rule(`${share * 100} % loss`, "filter", "FORWARD", `${INSIDE} ${lost(share)}`),
    ),
    ...[0.05, 0.2, 0.5].map((share) =>
        rule(
            `${share * 100} % loss one way`,
            "mangle",
            "PREROUTING",
            `-i eth0 ${INSIDE} ${lost(share)}`,
        ),
    ),
    rule("everything lost one way", "mangle", "PREROUTING", `-i eth0 ${INSIDE} -j DROP`),
    ...["tcp", "udp", "icmp"].map((protocol) =>
        rule(`${protocol} lost`, "filter", "FORWARD", `${INSIDE} -p ${protocol} -j DROP`),
    ),
    rule(
        "packets of more than 1400 bytes lost",
        "filter",
        "FORWARD",
        `${INSIDE} -m length --length 1401:65535 -j DROP`,
    ),
    rule("TCP refused", "filter", "FORWARD", `${INSIDE} -p tcp -j REJECT --reject-with tcp-reset`),
];

/** Faults on the way between two pods. */
export const PATHS: Kind[] = [...ROUTES, ...SOURCES, ...LOSSES];
