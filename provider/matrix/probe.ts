import type { KubeApi } from "../kube/api.ts";
import type { Answer, Protocol } from "./cells.ts";
import type { Pod } from "./pods.ts";

/** Milliseconds for all probes of one pod. */
const PROBE_TIME = 90_000;

export interface Probe {
    protocol: Protocol;
    /** Whom, or for a group: to which, about whom, and from which own address, with slashes between. */
    address: string;
}

/**
 * Asks all questions of one pod in one go, from inside it. The script in the pod answers each line `kind address` with
 * `kind address ok|fail detail`, in order.
 */
export async function probe(
    api: KubeApi,
    namespace: string,
    pod: Pod,
    probes: Probe[],
    signal: AbortSignal,
): Promise<Answer[]> {
    const script = ["/bin/bash", "/opt/multinet/probe.sh"];
    try {
        const said = await api.exec(namespace, pod.name, script, {
            input: probes.map(({ protocol, address }) => `${protocol} ${address}\n`).join(""),
            signal: AbortSignal.any([signal, AbortSignal.timeout(PROBE_TIME)]),
        });
        return readAnswers(said, probes);
    } catch (error) {
        signal.throwIfAborted();
        const reason = (error as Error).message.split("\n").at(-1) ?? "";
        return probes.map(() => ({ ok: false, detail: `probe failed: ${reason}` }));
    }
}

export function readAnswers(said: string, probes: Probe[]): Answer[] {
    const lines = said.split("\n");
    return probes.map(({ protocol, address }, index) => {
        const [kind, about, verdict, ...detail] = (lines[index] ?? "").split(" ");
        return kind === protocol && about === address
            ? { ok: verdict === "ok", detail: detail.join(" ") }
            : { ok: false, detail: "no answer from the probe" };
    });
}
