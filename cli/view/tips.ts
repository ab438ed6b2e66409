import type { NetworkPlan } from "../../plan/plan.ts";
import { typeOf } from "../../plan/networks/types.ts";
import type { Square } from "./heatMap.ts";
import type { NodeView, PodView } from "./model.ts";

/** Routes that a hint lists; the page has a table of all. */
const LISTED = 10;

/** What is shown of a thing when it is pointed at: a heading, then lines. */
export function nodeTip(node: NodeView): string {
    const { name, role, cluster, address, parts, routes, healed } = node;
    const more = routes.length - LISTED;
    return lines([
        name,
        `${role} of ${cluster}${address ? `, ${address}` : ""}`,
        ...parts.map(({ network, part, gateway }) =>
            [`${network}: ${part ?? "no part of its own"}`, gateway && `gateway ${gateway}`]
                .filter(Boolean)
                .join(", "),
        ),
        ...(routes.length > 0 ? ["Routes:"] : []),
        ...routes.slice(0, LISTED).map(({ dst, via }) => `  ${dst} via ${via}`),
        more > 0 && `  and ${more} more`,
        healed > 0 && `Healed ${times(healed)} by its agent`,
    ]);
}

export function podTip({ key, networks, primary, red }: PodView): string {
    return lines([
        key,
        primary && `eth0: ${primary}`,
        ...networks.map(({ network, interface: name, address, part }) => {
            const where = address ?? (part ? `an address of ${part}` : "given when it runs");
            return `${name} on ${network}: ${where}`;
        }),
        networks.length === 0 && "its cluster's own network only",
        red > 0 && `${red} ${red === 1 ? "cell" : "cells"} of the matrix not green`,
    ]);
}

export function networkTip(network: NetworkPlan): string {
    const { name, type, cidr, mtu, clusters } = network;
    const { text, reach } = typeOf(network);
    return lines([
        `${name}: ${type}, ${cidr}`,
        text.is,
        `between clusters: ${text.between}`,
        `${reach === "stack" ? "joins" : "in each of"} ${clusters.join(", ")}`,
        mtu !== undefined && `MTU ${mtu}`,
    ]);
}

export function squareTip({ from, to, probes }: Square): string {
    return lines([
        from === to ? `${from}, alone with its address?` : `${from} → ${to}`,
        ...probes.map(({ kind, verdict, expected, seen }) => {
            if (verdict === "open") {
                return `${kind}: expected ${expected}; not measured`;
            }
            return `${MARKS[verdict]} ${kind}: expected ${expected}, seen ${seen ?? "as expected"}`;
        }),
    ]);
}

/** In words, as colour alone does not say it. */
const MARKS = { green: "ok", red: "RED", flapping: "FLAPPING" };

export function times(count: number): string {
    return count === 1 ? "once" : `${count} times`;
}

function lines(all: (string | false | undefined)[]): string {
    return all.filter((line) => typeof line === "string" && line !== "").join("\n");
}
