/** What a probe tells when all is well, and what a question expects. */
export type Told = Echo | Source | Bytes | Datagrams | Owner | Alone;

/** Every echo came back. */
export type Echo = { kind: "echo"; ttl?: number };
/** The peer saw this source address; `by` is the pod that answered, where it says so. */
export type Source = { kind: "source"; address: string; by?: string };
/** So many bytes arrived. */
export type Bytes = { kind: "bytes"; bytes: number };
export type Datagrams = { kind: "datagrams"; arrived: number; sent: number };
/** Who says that an address is unreachable. `node`: its name, where it is what is expected. */
export type Owner = { kind: "owner"; address: string; node?: string };
/** Nothing else on the link has the pod's own address. */
export type Alone = { kind: "alone" };

/** What the probe says of a question that failed. */
export type Failure =
    /** Only some answers came. `arrived`: how many of the questions the other side saw, where it says so. */
    | { kind: "lost"; lost: number; sent: number; arrived?: number }
    /** The network says that the destination is unreachable. */
    | { kind: "icmp"; code: number; from: string }
    /** Only so many bytes fit in one piece, and who said so. */
    | { kind: "mtu"; mtu: number; from?: string }
    /** Different pods answer under one address, or see different sources. */
    | { kind: "two"; sources: string[]; pods: string[] }
    | { kind: "timeout" | "refused" | "no-route" | "unreachable" | "reply" }
    /** Something else on the link has the pod's own address. */
    | { kind: "taken"; mac: string }
    /** The probe itself did not run, or said nothing of this question. */
    | { kind: "probe"; reason: string }
    | { kind: "other"; text: string };

/** Why a question cannot be asked. */
export type Obstacle =
    | { kind: "no pod"; pod: string }
    | { kind: "no address"; pod: string; network: string }
    | { kind: "wrong slice"; pod: string; address: string; slice: string };

/** What was seen of a cell. */
export type Seen = Told | Failure | Obstacle;

/** Reads the words of an answer that is ok; undefined if they are none. */
export type Reader<T> = (words: string[]) => T | undefined;

const PLAIN = ["timeout", "refused", "no-route", "unreachable", "reply"] as const;

/** Reads what follows the index in a line of the probe; charts/demo/files/probe.pl says what there is. */
export function readAnswer<T>(verdict: string, words: string[], read: Reader<T>): T | Failure {
    if (verdict === "ok") {
        return read(words) ?? { kind: "other", text: words.join(" ") };
    }
    return readFailure(words);
}

function readFailure(words: string[]): Failure {
    const text = words.join(" ");
    const [kind = "", first = "", second = "", third = "", fourth = ""] = words;
    const plain = PLAIN.find((one) => one === text);
    if (plain) {
        return { kind: plain };
    }
    switch (kind) {
        case "lost": {
            const arrived = third === "" ? {} : { arrived: Number(third) };
            return { kind, lost: Number(first), sent: Number(second), ...arrived };
        }
        case "icmp":
            return { kind, code: Number(first), from: second };
        case "mtu":
            return { kind, mtu: Number(first), ...(second !== "" && { from: second }) };
        case "taken":
            return { kind, mac: first };
        case "two":
            return { kind, sources: [first, third], pods: [second, fourth] };
        default:
            return { kind: "other", text };
    }
}
