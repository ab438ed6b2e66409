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

/** Finds all containers that kind counts to this cluster, and any that merely have a node's name. */
export async function look(runtime: Runtime, wanted: Wanted, limits?: Limits): Promise<World> {
    const [labelled, named] = await Promise.all([
        runtime.containers({ label: `${CLUSTER_LABEL}=${wanted.name}` }, limits),
        runtime.containers({ names: wanted.nodes }, limits),
    ]);
    const all = new Map([...labelled, ...named].map((container) => [container.id, container]));
    return sort([...all.values()], wanted);
}

/** A cluster owns the containers that kind labelled with its name, on the network of its stack. */
export function sort(containers: Container[], wanted: Wanted): World {
    const isOwn = ({ labels, networks }: Container) =>
        labels[CLUSTER_LABEL] === wanted.name && wanted.network in networks;
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
    throw new Error(
        `cluster ${name} cannot be made: ${found.join("; ")} has its name, but is not on network ${network} ` +
            "and so belongs to someone else; it is left alone. Choose another stack or cluster name, or, if " +
            `nobody needs it: ${runtime} rm -f ${foreign.map((container) => container.name).join(" ")}`,
    );
}
