/** What the probe found out about one question. */
export type Answer =
    /** What was asked for came; `by` is the pod that answered, where it says so. */
    | { kind: "ok"; detail: string; by?: string }
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

const PLAIN = ["timeout", "refused", "no-route", "unreachable", "reply"] as const;

/** Reads what follows the index in a line of the probe; charts/demo/files/probe.pl says what there is. */
export function readAnswer(verdict: string, words: string[]): Answer {
    const text = words.join(" ");
    if (verdict === "ok") {
        return okAnswer(words);
    }
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

/** An address and a name, or anything else. */
function okAnswer(words: string[]): Answer {
    const [detail = "", by] = words;
    return words.length === 2 && isAddress(detail)
        ? { kind: "ok", detail, by: by! }
        : { kind: "ok", detail: words.join(" ") };
}

export function isAddress(text: string): boolean {
    return /^\d+(\.\d+){3}$/.test(text);
}

/** Codes of "destination unreachable" that a user may meet. */
const UNREACHABLE: Record<number, string> = { 0: "network", 1: "host", 3: "port" };

/** An answer in the words of the matrix; stable while nothing changes. */
export function describe(answer: Answer): string {
    switch (answer.kind) {
        case "ok":
            return answer.detail;
        case "lost":
            return describeLoss(answer);
        case "icmp": {
            const what = UNREACHABLE[answer.code];
            const said = what ? `${what} unreachable` : `refused by ICMP code ${answer.code}`;
            return `${said}, from ${answer.from}`;
        }
        case "mtu":
            return `at most ${answer.mtu} bytes${answer.from ? `, says ${answer.from}` : ""}`;
        case "two":
            return answer.pods[0] === answer.pods[1]
                ? `different sources, ${answer.sources.join(" and ")}`
                : `answers of ${answer.pods.join(" and ")}`;
        case "taken":
            return `also at ${answer.mac}`;
        case "probe":
            return `probe failed: ${answer.reason}`;
        case "other":
            return answer.text;
        default:
            return answer.kind;
    }
}

function describeLoss({ lost, sent, arrived }: Extract<Answer, { kind: "lost" }>): string {
    const count = `${lost} of ${sent} lost`;
    if (arrived === undefined) {
        return count;
    }
    const there = sent - arrived;
    if (there === 0 || there === lost) {
        return `${count}, on the way ${there === 0 ? "back" : "there"}`;
    }
    return `${count}, ${there} on the way there`;
}
