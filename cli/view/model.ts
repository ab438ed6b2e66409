import type { Plan, Route } from "../../plan/plan.ts";
import type { Cell } from "../../provider/matrix/cells.ts";
import type { MatrixInputs } from "../../provider/matrix/inputs.ts";
import type { Pod } from "../../provider/matrix/pods.ts";
import type { Update } from "../state/history.ts";

/** Everything that a page is made of. */
export interface Facts {
    /** From the stack file. */
    plan: Plan;
    /** What the last update recorded; undefined where the stack is not up. */
    recorded?: Recorded | undefined;
    /** What was found out just now; undefined where the clusters cannot be asked. */
    live?: Live | undefined;
    healings: Healing[];
    /** The newest update in Pulumi's history. */
    update?: Update | undefined;
    /** What could not be read, and why. */
    notes: string[];
    /** When all that was looked at. */
    at: Date;
}

export interface Recorded {
    matrix: Omit<MatrixInputs, "clusters" | "namespace">;
    nodeAddresses: Record<string, string>;
    red: Cell[];
}

export interface Live {
    cells: Cell[];
    /** One line for each red cell, with its likely cause. */
    faults: string[];
    /** By `cluster/demo`. */
    pods: Map<string, Pick<Pod, "addresses">>;
    nodeAddresses: Record<string, string>;
}

/** What a node's agent put right. */
export interface Healing {
    /** UTC, as in `2026-11-26T04:12:09Z`. */
    at: string;
    cluster: string;
    node: string;
    /** Who did it. */
    by: string;
    what: string;
}

/** Where the verdicts of a page come from. */
export type Standing = "measured" | "recorded" | "planned";

export function standingOf({ live, recorded }: Facts): Standing {
    return live ? "measured" : recorded ? "recorded" : "planned";
}

/** A node with all that is known of it. */
export interface NodeView {
    name: string;
    /** Its name without the cluster's. */
    short: string;
    cluster: string;
    role: string;
    /** On the docker network. */
    address: string | undefined;
    /** By the cluster's networks, in their order. */
    parts: { network: string; part: string | undefined; gateway: string | undefined }[];
    routes: Route[];
    pods: PodView[];
    /** How often its agent put something right. */
    healed: number;
}

export interface PodView {
    /** `cluster/demo` */
    key: string;
    name: string;
    /** In the order of its interfaces: what it has there, or in which part of the network that will lie. */
    networks: { network: string; interface: string; address?: string; part?: string }[];
    /** On its cluster's own network. */
    primary: string | undefined;
    /** How many cells that it asks or that ask it are not green. */
    red: number;
}

/** All nodes, by cluster in the plan's order. */
export function nodeViews(facts: Facts): Map<string, NodeView[]> {
    const { plan, recorded, live, healings } = facts;
    const addresses = { ...recorded?.nodeAddresses, ...live?.nodeAddresses };
    const slices = new Map(recorded?.matrix.networks.map(({ name, slices }) => [name, slices]));
    const pods = podViews(facts);
    return new Map(
        plan.clusters.map((cluster) => [
            cluster.name,
            cluster.nodes.map((node) => ({
                name: node.name,
                short: node.name.slice(cluster.kindName.length + 1),
                cluster: cluster.name,
                role: node.role === "worker" ? "worker" : "control plane",
                address: addresses[node.name],
                parts: cluster.networks.map(({ network }) => {
                    const own = node.attachments.find((each) => each.network === network);
                    const part = own?.slice ?? slices.get(network)?.[node.name];
                    return { network, part, gateway: own?.gateway };
                }),
                routes: node.routes,
                pods: pods.filter((pod) => pod.node === node.name),
                healed: healings.filter((one) => one.node === node.name).length,
            })),
        ]),
    );
}

function podViews({ plan, recorded, live }: Facts): (PodView & { node: string })[] {
    const bad = (live?.cells ?? recorded?.red ?? []).filter(({ ok }) => !ok);
    return plan.clusters.flatMap((cluster) => {
        const interfaces = new Map(cluster.networks.map((one) => [one.network, one.interface]));
        return cluster.demos.map(({ name, node, attachments }) => {
            const key = `${cluster.name}/${name}`;
            const found = live?.pods.get(key)?.addresses ?? {};
            return {
                key,
                name,
                node,
                networks: attachments.map(({ network, address: planned, slice: part }) => {
                    const address = found[network] ?? planned;
                    return {
                        network,
                        interface: interfaces.get(network)!,
                        ...(address !== undefined && { address }),
                        ...(part !== undefined && { part }),
                    };
                }),
                primary: found["primary"],
                red: bad.filter(({ from, to }) => from === key || to === key).length,
            };
        });
    });
}
