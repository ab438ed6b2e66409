import type { Container, Limits, Runtime } from "../runtime/runtime.ts";
import type { KindInputs } from "./spec.ts";

/** The label by which kind finds a cluster's containers. */
export const CLUSTER_LABEL = "io.x-k8s.kind.cluster";

/** The containers that bear a cluster's name: its own, and others that only look like it. */
export interface World {
    own: Container[];
    foreign: Container[];
}

type Wanted = Pick<KindInputs, "name" | "nodes" | "network">;

/** Ids of a cluster's containers by name, as they were recorded; nothing in a state of an older version. */
export type Ids = Record<string, string> | undefined;

/** Finds all containers that kind counts to this cluster, and any that merely have a node's name. */
export async function look(
    runtime: Runtime,
    wanted: Wanted,
    limits?: Limits,
    recorded?: Ids,
): Promise<World> {
    const [labelled, named] = await Promise.all([
        runtime.containers({ label: `${CLUSTER_LABEL}=${wanted.name}` }, limits),
        runtime.containers({ names: wanted.nodes }, limits),
    ]);
    const all = new Map([...labelled, ...named].map((container) => [container.id, container]));
    return byOwner([...all.values()], wanted, recorded);
}

/**
 * A cluster owns the containers that kind labelled with its name and that are on the network of its stack, or that are
 * recorded: those may have been disconnected.
 */
export function byOwner(containers: Container[], wanted: Wanted, recorded: Ids = {}): World {
    const ids = Object.values(recorded);
    const isOwn = ({ id, labels, networks }: Container) =>
        labels[CLUSTER_LABEL] === wanted.name && (wanted.network in networks || ids.includes(id));
    return {
        own: containers.filter(isOwn),
        foreign: containers.filter((container) => !isOwn(container)),
    };
}

/** Throws if a name that the cluster needs is taken by someone else's container. */
export function refuseForeign(
    { foreign }: World,
    { name, network }: Wanted,
    runtime: string,
): void {
    if (foreign.length === 0) {
        return;
    }
    const found = foreign.map((container) => {
        const networks = Object.keys(container.networks).join(", ") || "none";
        return `container ${container.name} (networks: ${networks})`;
    });
    const [lost] = foreign.filter(({ labels }) => labels[CLUSTER_LABEL] === name);
    throw new Error(
        `cluster ${name} cannot be made: ${found.join("; ")} has its name, but is not on network ${network} ` +
            "and so belongs to someone else; it is left alone. Choose another stack or cluster name, or, if " +
            `nobody needs it: ${runtime} rm -f ${foreign.map((container) => container.name).join(" ")}` +
            (lost
                ? `. If it is a node of this cluster that lost its network: ${runtime} network connect ${network} ${lost.name}`
                : ""),
    );
}
