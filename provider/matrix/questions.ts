import type { Obstacle, Told } from "./answers.ts";
import { podKey } from "./inputs.ts";
import type { MatrixInputs } from "./inputs.ts";
import { PROBES } from "./probes.ts";
import type { Kind } from "./probes.ts";
import type { Scene } from "./scene.ts";
import { contains } from "./slice.ts";

/** A cell before it was measured. */
export interface Question {
    from: string;
    to: string;
    network: string;
    protocol: Kind;
    /** The address that no pod has, and the node that owns its slice; undefined where a pod is asked. */
    free?: { address: string; node: string };
    /** The group that is sent to, and whether the pod that is asked belongs to it. */
    multicast?: { group: string; member: boolean };
}

/** A question in the form in which its pod is asked, and what must come back. */
export interface Prepared {
    address: string;
    mtu?: number;
    expected: Told;
}

/** In an order that lasts: the digest in a state depends on it. */
export function questions(inputs: MatrixInputs): Question[] {
    const { networks, pairs, free, multicast, unique = [] } = inputs;
    const protocols = new Map(networks.map(({ name, protocols }) => [name, protocols.map(known)]));
    const positive = pairs.flatMap(({ from, to, network }) =>
        (protocols.get(network) ?? []).map((protocol) => ({
            from: podKey(from),
            to: podKey(to),
            network,
            protocol,
        })),
    );
    const negative = free.map(({ from, cluster, node, network, address }) => ({
        from: podKey(from),
        to: `${cluster}/${address}`,
        network,
        protocol: "unreachable" as const,
        free: { address, node },
    }));
    const groups = multicast.map(({ from, to, network, group, member }) => ({
        from: podKey(from),
        to: podKey(to),
        network,
        protocol: "multicast" as const,
        multicast: { group, member },
    }));
    const single = unique.map(({ pod, network }) => ({
        from: podKey(pod),
        to: podKey(pod),
        network,
        protocol: "unique" as const,
    }));
    return [...positive, ...negative, ...groups, ...single];
}

/** A state of another version may ask what this one does not know. */
function known(kind: Kind): Kind {
    if (!(kind in PROBES)) {
        throw new Error(
            `The matrix asks for the probe "${kind}", which this version of multinet does not know.`,
        );
    }
    return kind;
}

/** What must be asked from the pod and what must come back; or why it cannot be asked. */
export function prepare(question: Question, scene: Scene): Prepared | { obstacle: Obstacle } {
    const { from, to, network, protocol, free } = question;
    const own = addressOf(from, network, scene);
    if ("obstacle" in own) {
        return own;
    }
    const target = free ?? addressOf(to, network, scene);
    if ("obstacle" in target) {
        return target;
    }
    const ends = { question, scene, own: own.address, target: target.address };
    const probe = PROBES[protocol];
    return { ...probe.ask(ends), expected: probe.expect(ends) };
}

/** A pod's address on a network, unless it has none, or one that its node cannot have given it. */
function addressOf(
    pod: string,
    network: string,
    { pods, networks }: Scene,
): { address: string } | { obstacle: Obstacle } {
    const found = pods.get(pod);
    if (!found) {
        return { obstacle: { kind: "no pod", pod } };
    }
    const address = found.addresses[network];
    if (address === undefined) {
        return { obstacle: { kind: "no address", pod, network } };
    }
    const slice = networks.get(network)?.slices[found.node];
    return slice === undefined || contains(slice, address)
        ? { address }
        : { obstacle: { kind: "wrong slice", pod, address, slice } };
}
