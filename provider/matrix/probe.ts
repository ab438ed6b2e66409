import type { KubeApi } from "../kube/api.ts";
import { readAnswer } from "./answers.ts";
import type { Answer } from "./answers.ts";
import type { Protocol } from "./inputs.ts";
import type { Pod } from "./pods.ts";

/** Milliseconds for the probes of one pod: for any number, and more for each. */
const TIME = { any: 30_000, each: 250 };

export interface Probe {
    /** `trace` looks for the hops on the way. */
    protocol: Protocol | "trace";
    /** Whom, or for a group: to which, about whom, and from which own address, with slashes between. */
    address: string;
    /** How often. */
    count: number;
    /** For `large`: bytes that must pass in one piece. */
    mtu?: number | undefined;
}

/**
 * Asks all questions of one pod in one go, from inside it. The script in the pod answers the lines `KIND ADDRESS COUNT
 * [MTU]` with `INDEX ok|fail WORDS`, in any order. When time is up, what it said so far counts.
 */
export async function probe(
    api: KubeApi,
    namespace: string,
    pod: Pod,
    probes: Probe[],
    signal: AbortSignal,
): Promise<Answer[]> {
    const script = ["perl", "/opt/multinet/probe.pl"];
    const time = TIME.any + TIME.each * probes.length;
    let said = "";
    let reason = "it said nothing of this";
    try {
        await api.exec(namespace, pod.name, script, {
            input: probes.map(line).join(""),
            signal: AbortSignal.any([signal, AbortSignal.timeout(time)]),
            onOutput: (text) => (said += text),
        });
    } catch (error) {
        signal.throwIfAborted();
        reason = (error as Error).message.split("\n").at(-1) ?? "";
    }
    return readAnswers(said, probes.length, reason);
}

function line({ protocol, address, count, mtu }: Probe): string {
    return `${[protocol, address, count, ...(mtu === undefined ? [] : [mtu])].join(" ")}\n`;
}

/** The answers to so many questions; `reason` is why one may be missing. */
export function readAnswers(said: string, length: number, reason: string): Answer[] {
    const answers = Array.from({ length }, (): Answer => ({ kind: "probe", reason }));
    // Of a line that was cut off the rest is missing.
    for (const line of said.split("\n").slice(0, -1)) {
        const [index = "", verdict = "", ...words] = line.split(" ");
        if (/^\d+$/.test(index) && Number(index) < length) {
            answers[Number(index)] = readAnswer(verdict, words);
        }
    }
    return answers;
}
