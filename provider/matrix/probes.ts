import type { Protocol } from "../../plan/plan.ts";
import type { Alone, Bytes, Datagrams, Echo, Owner, Reader, Source, Told } from "./answers.ts";
import type { Question } from "./questions.ts";
import type { Scene } from "./scene.ts";

/** What pairs of pods are asked, and what else is. A name that has no entry below does not compile. */
export type Kind = Protocol | "multicast" | "unreachable" | "unique";

/** A question whose ends have addresses. */
export interface Ends {
    question: Question;
    scene: Scene;
    /** Address of the pod that asks. */
    own: string;
    /** The address that is asked about. */
    target: string;
}

/** A kind of probe. charts/demo/files/probe.pl asks it under the same name. */
export interface Probe<T extends Told = Told> {
    about: "pod" | "group" | "free address" | "own address";
    /**
     * How often it is asked in a round: enough to see that every other packet is lost, and with all cells together one in a
     * hundred. `close` is for cells of which something was lost: if that was chance, it does not come back.
     */
    counts: { all: number; close: number };
    /** What the pod is told. */
    ask(ends: Ends): { address: string; mtu?: number };
    /** What must come back. */
    expect(ends: Ends): T;
    read: Reader<T>;
    /** Whether what came is what was expected. */
    holds(seen: T, expected: T): boolean;
    /** Goes the same way and needs less of it: where the twin is green, the cause is in what this one needs more. */
    twin?: Kind;
    /** Sends bigger packets than its twin. */
    big?: true;
}

/** Bytes that the probe `bulk` sends, and datagrams that the probe `multicast` does; tests compare them with the script. */
export const BULK = 2 ** 18;
export const DATAGRAMS = 5;

/** The peer says which source address it saw. One that is not the pod's own, or another peer, does not count as reached. */
const conversation = {
    about: "pod",
    ask: toTarget,
    expect: ({ question, scene, own }) => ({
        kind: "source",
        address: own,
        by: scene.pods.get(question.to)!.name,
    }),
    read: ([address = "", ...by]) =>
        isAddress(address) && by.length <= 1
            ? { kind: "source", address, ...(by[0] !== undefined && { by: by[0] }) }
            : undefined,
    holds: (seen, expected) =>
        seen.address === expected.address && (seen.by === undefined || seen.by === expected.by),
} satisfies Omit<Probe<Source>, "counts">;

/** All kinds, in the order of their columns in the table that a user sees. */
export const PROBES: Record<Kind, Probe> = {
    /** Do echoes come back? */
    icmp: {
        about: "pod",
        counts: { all: 50, close: 400 },
        ask: toTarget,
        expect: () => ({ kind: "echo" }),
        read: ([text = ""]) => {
            const ttl = /^ttl=(\d+)$/.exec(text)?.[1];
            return ttl === undefined ? undefined : { kind: "echo", ttl: Number(ttl) };
        },
        // Any echo will do: its text is the way it took.
        holds: () => true,
    } satisfies Probe<Echo>,

    /** Does a short conversation over TCP get through, with the pod's own address as its source? */
    tcp: { ...conversation, counts: { all: 1, close: 10 }, twin: "icmp" },

    /** Do many bytes arrive over TCP? */
    bulk: {
        about: "pod",
        counts: { all: 1, close: 3 },
        ask: toTarget,
        expect: () => ({ kind: "bytes", bytes: BULK }),
        read: ([bytes = "", unit]) =>
            /^\d+$/.test(bytes) && unit === "bytes"
                ? { kind: "bytes", bytes: Number(bytes) }
                : undefined,
        holds: (seen, expected) => seen.bytes === expected.bytes,
        twin: "tcp",
        big: true,
    } satisfies Probe<Bytes>,

    /** The same as tcp, with datagrams of which each is answered. */
    udp: { ...conversation, counts: { all: 50, close: 400 }, twin: "icmp" },

    /** The same as udp, with packets as big as the MTU, and with fragments. */
    large: {
        ...conversation,
        counts: { all: 3, close: 20 },
        ask: ({ question, scene, target }) => {
            const mtu = scene.networks.get(question.network)?.mtu;
            return { address: target, ...(mtu !== undefined && { mtu }) };
        },
        twin: "udp",
        big: true,
    },

    /** Do datagrams to a group reach its members, and no other pod? */
    multicast: {
        about: "group",
        counts: { all: 1, close: 1 },
        // The sender's own address names the interface that the datagrams leave by.
        ask: ({ question, own, target }) => ({
            address: `${question.multicast!.group}/${target}/${own}`,
        }),
        expect: ({ question }) => ({
            kind: "datagrams",
            arrived: question.multicast!.member ? DATAGRAMS : 0,
            sent: DATAGRAMS,
        }),
        read: ([text = ""]) => {
            const [, arrived, sent] = /^(\d+)\/(\d+)$/.exec(text) ?? [];
            return sent === undefined
                ? undefined
                : { kind: "datagrams", arrived: Number(arrived), sent: Number(sent) };
        },
        holds: (seen, expected) => seen.arrived === expected.arrived && seen.sent === expected.sent,
        twin: "udp",
    } satisfies Probe<Datagrams>,

    /** Does the owner of a slice say that an address is unreachable that no pod has? */
    unreachable: {
        about: "free address",
        counts: { all: 1, close: 1 },
        ask: toTarget,
        expect: ({ question, scene }) => {
            const { node } = question.free!;
            return { kind: "owner", node, address: scene.nodeAddresses[node] ?? "" };
        },
        read: ([address = ""]) => (isAddress(address) ? { kind: "owner", address } : undefined),
        holds: (seen, expected) => seen.address === expected.address,
    } satisfies Probe<Owner>,

    /** Is the pod alone with its address on a link that others share? */
    unique: {
        about: "own address",
        counts: { all: 1, close: 1 },
        ask: toTarget,
        expect: () => ({ kind: "alone" }),
        read: ([text]) => (text === "alone" ? { kind: "alone" } : undefined),
        holds: () => true,
    } satisfies Probe<Alone>,
};

export const KINDS = Object.keys(PROBES) as Kind[];

function toTarget({ target }: Ends): { address: string } {
    return { address: target };
}

function isAddress(text: string): boolean {
    return /^\d+(\.\d+){3}$/.test(text);
}
