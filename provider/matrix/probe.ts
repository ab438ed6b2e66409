import type { KubeApi } from "../kube/api.ts";
import { readAnswer } from "./answers.ts";
import type { Failure, Reader } from "./answers.ts";
import type { Pod } from "./pods.ts";
import { patient } from "../../plan/patience.ts";

/** Milliseconds for the probes of one pod: for any number, and more for each. */
const TIME = { any: 30_000, each: 250 };

/** What the script in a pod is asked, and how its answer is read. */
export interface Line<T> {
    kind: string;
    /** Whom, or for a group: to which, about whom, and from which own address, with slashes between. */
    address: string;
    /** How often. */
    count: number;
    /** For `large`: bytes that must pass in one piece. */
    mtu?: number | undefined;
    read: Reader<T>;
}

/**
 * Asks all questions of one pod in one go, from inside it. The script in the pod answers the lines `KIND ADDRESS COUNT
 * [MTU]` with `INDEX ok|fail WORDS`, in any order. When time is up, what it said so far counts.
 */
export async function probe<T>(
    api: KubeApi,
    namespace: string,
    pod: Pod,
    lines: Line<T>[],
    signal: AbortSignal,
): Promise<(T | Failure)[]> {
    const script = ["perl", "/opt/multinet/probe.pl"];
    const time = patient(TIME.any + TIME.each * lines.length);
    let said = "";
    let reason = "it said nothing of this";
    try {
        await api.exec(namespace, pod.name, script, {
            input: lines.map(text).join(""),
            signal: AbortSignal.any([signal, AbortSignal.timeout(time)]),
            onOutput: (more) => (said += more),
        });
    } catch (error) {
        signal.throwIfAborted();
        reason = (error as Error).message.split("\n").at(-1) ?? "";
    }
    return readAnswers(said, lines, reason);
}

function text({ kind, address, count, mtu }: Line<unknown>): string {
    return `${[kind, address, count, ...(mtu === undefined ? [] : [mtu])].join(" ")}\n`;
}

/** The answers to all questions; `reason` is why one may be missing. */
export function readAnswers<T>(
    said: string,
    lines: Pick<Line<T>, "read">[],
    reason: string,
): (T | Failure)[] {
    const answers = lines.map((): T | Failure => ({ kind: "probe", reason }));
    // Of a line that was cut off the rest is missing.
    for (const line of said.split("\n").slice(0, -1)) {
        const [index = "", verdict = "", ...words] = line.split(" ");
        const asked = /^\d+$/.test(index) ? lines[Number(index)] : undefined;
        if (asked) {
            answers[Number(index)] = readAnswer(verdict, words, asked.read);
        }
    }
    return answers;
}
