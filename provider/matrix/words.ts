import type { Failure, Seen, Source, Told } from "./answers.ts";
import { nodeOf } from "./scene.ts";
import type { Scene } from "./scene.ts";

/** Codes of "destination unreachable" that a user may meet. */
const UNREACHABLE: Record<number, string> = { 0: "network", 1: "host", 3: "port" };

/** What was seen, or is expected, in the words of the matrix; stable while nothing changes. */
export function inWords(seen: Seen, scene: Scene, expected?: Told): string {
    switch (seen.kind) {
        case "echo":
            return seen.ttl === undefined ? "reply" : `ttl=${seen.ttl}`;
        case "source":
            return `${seen.address}${isStranger(seen, expected) ? `, answered by pod ${seen.by}` : ""}`;
        case "bytes":
            return `${seen.bytes} bytes`;
        case "datagrams":
            return `${seen.arrived}/${seen.sent}`;
        case "owner":
            return `unreachable, from ${seen.node ?? nodeOf(seen.address, scene) ?? seen.address}`;
        case "no pod":
            return `no running pod ${seen.pod}`;
        case "no address":
            return `pod ${seen.pod} has no address on ${seen.network}`;
        case "wrong slice":
            return `pod ${seen.pod} has ${seen.address}, outside of its node's slice ${seen.slice}`;
        case "alone":
            return seen.kind;
        default:
            return failureInWords(seen);
    }
}

function isStranger({ by }: Source, expected?: Told): boolean {
    return expected?.kind === "source" && by !== undefined && by !== expected.by;
}

function failureInWords(failure: Failure): string {
    switch (failure.kind) {
        case "lost":
            return lossInWords(failure);
        case "icmp": {
            const what = UNREACHABLE[failure.code];
            const said = what ? `${what} unreachable` : `refused by ICMP code ${failure.code}`;
            return `${said}, from ${failure.from}`;
        }
        case "mtu":
            return `at most ${failure.mtu} bytes${failure.from ? `, says ${failure.from}` : ""}`;
        case "two":
            return failure.pods[0] === failure.pods[1]
                ? `different sources, ${failure.sources.join(" and ")}`
                : `answers of ${failure.pods.join(" and ")}`;
        case "taken":
            return `also at ${failure.mac}`;
        case "probe":
            return `probe failed: ${failure.reason}`;
        case "other":
            return failure.text;
        default:
            return failure.kind;
    }
}

function lossInWords({ lost, sent, arrived }: Extract<Failure, { kind: "lost" }>): string {
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
