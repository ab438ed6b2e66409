import { z } from "zod";
import { cidrOf, contains, looseCidr } from "../cidr.ts";
import { key } from "../config/key.ts";
import type { Need } from "../need.ts";
import type { NetworkPlan } from "../plan.ts";
import { problem, type Path, type Problem } from "../problem.ts";
import { undivided } from "./division.ts";
import { membership, requiredRange } from "./keys.ts";
import type { ConfigOf, NetworkType, Plugin } from "./networkType.ts";

const keys = {
    ...membership,
    cidr: requiredRange,
    plugins: key(
        z.array(z.looseObject({ type: z.string() })),
        "its CNI plugins, as they stand in `plugins` of a CNI configuration list",
        {
            example: "[{ type: host-device, device: eth1, ipam: { type: static } }]",
            otherwise: "",
            decides: true,
        },
    ),
};

interface NadPlan extends NetworkPlan {
    plugins: Plugin[];
}

/** By plugin: the option by which a kernel has what it makes. Source: main/ of containernetworking/plugins. */
const OPTIONS: Record<string, Need["option"]> = {
    bridge: "CONFIG_BRIDGE",
    dummy: "CONFIG_DUMMY",
    ipvlan: "CONFIG_IPVLAN",
    macvlan: "CONFIG_MACVLAN",
    tap: "CONFIG_TUN",
    vlan: "CONFIG_VLAN_8021Q",
    vrf: "CONFIG_NET_VRF",
};

/** Plugins that kind's own node image has. */
const IN_NODE_IMAGE = ["host-local", "loopback", "portmap", "ptp"];

/**
 * A network of the user's own: its CNI configuration is theirs, and the same on every node. No demo pod joins it, since
 * only they know which addresses are free.
 */
export const nad: NetworkType<ConfigOf<typeof keys>, NadPlan> = {
    name: "nad",
    text: {
        is: "your own: you state its CNI plugins, which every node gets as they are; pods of your own join, no demo pod does",
        between: "as you make it",
    },
    keys,
    division: undivided,
    routed: false,
    reach: "stack",
    layer2: false,
    overlay: false,
    measured: false,
    reserved: { before: "" },
    plugins: ({ plugins }) => programsOf(plugins).filter((name) => !IN_NODE_IMAGE.includes(name)),
    plan: ({ plugins }) => ({ plugins: plugins }),
    cni: ({ plugins }) => plugins,

    problems: (networks) =>
        networks.flatMap(([name, { plugins, cidr }]) => {
            const path = ["networks", name, "plugins"];
            if (plugins.length === 0) {
                return problem(path, plugins, {
                    reason: "A CNI configuration needs at least one plugin.",
                    fix: "Write for example plugins: [{ type: host-device, device: eth1 }].",
                });
            }
            return plugins.flatMap((plugin, i) => [
                ...namesOf(plugin as Plugin, [...path, i]),
                ...(cidr === undefined ? [] : outside(plugin as Plugin, cidr, [...path, i])),
            ]);
        }),

    needs: ({ name, plugins }) =>
        plugins.flatMap(({ type }, i) => {
            const option = OPTIONS[String(type)];
            const path = ["networks", name, "plugins", i, "type"];
            return option ? { option, path, value: type, fix: "Take another plugin" } : [];
        }),
};

function programsOf(plugins: Plugin[]): string[] {
    const all = plugins.flatMap(({ type, ipam }) => [type, (ipam as Plugin | undefined)?.["type"]]);
    return all.filter((name) => typeof name === "string");
}

/** The name of a plugin is that of a program on the node, and so no path. */
function namesOf(plugin: Plugin, path: Path): Problem[] {
    return programsOf([plugin])
        .filter((name) => !/^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/.test(name))
        .map((name) =>
            problem([...path, "type"], name, {
                reason: "This is not the name of a CNI plugin: a program in /opt/cni/bin of the nodes.",
                fix: "Write its name in small letters, such as host-device.",
            }),
        );
}

/** Addresses that the configuration hands out, and that others may have. */
function outside({ ipam }: Plugin, cidr: string, path: Path): Problem[] {
    return addressesIn(ipam, [...path, "ipam"])
        .filter(({ text }) => {
            const found = looseCidr(text);
            return found !== undefined && !contains(cidrOf(cidr), found);
        })
        .map(({ text, at }) =>
            problem(at, text, {
                reason: `This lies outside the network's range, ${cidr}, so that overlaps with others would not be seen.`,
                fix: "Write addresses of that range, or another cidr.",
            }),
        );
}

/** What stands at `subnet` and `address`, at any depth: keys of host-local and static. */
function addressesIn(value: unknown, path: Path): { text: string; at: Path }[] {
    if (typeof value !== "object" || value === null) {
        return [];
    }
    return Object.entries(value).flatMap(([key, inner]) => {
        const at = [...path, Array.isArray(value) ? Number(key) : key];
        if (typeof inner !== "string") {
            return addressesIn(inner, at);
        }
        // Behind an address stands the prefix length of its network, which may be larger.
        const text = key === "address" ? inner.replace(/\/.*/, "/32") : inner;
        return key === "address" || key === "subnet" ? { text, at } : [];
    });
}
