import { CommandFailed, exec } from "../exec.ts";
import type { Answer, Protocol } from "./cells.ts";
import type { Pod } from "./pods.ts";

/** Milliseconds for all probes of one pod. */
const PROBE_TIME = 90_000;

export interface Probe {
    protocol: Protocol;
    address: string;
}

/**
 * Asks all questions of one pod in one go, from inside it. The script in the pod answers each line `kind address` with
 * `kind address ok|fail detail`, in order.
 */
export async function probe(
    kubeconfigPath: string,
    namespace: string,
    pod: Pod,
    probes: Probe[],
    signal: AbortSignal,
): Promise<Answer[]> {
    const target = ["--kubeconfig", kubeconfigPath, "--namespace", namespace];
    const script = ["/bin/bash", "/opt/multinet/probe.sh"];
    const input = probes.map(({ protocol, address }) => `${protocol} ${address}\n`).join("");
    try {
        const said = await exec(
            "kubectl",
            [...target, "exec", "--stdin", pod.name, "--", ...script],
            { input, signal, timeout: PROBE_TIME },
        );
        return readAnswers(said, probes);
    } catch (error) {
        if (!(error instanceof CommandFailed) || error.code === undefined) {
            throw error;
        }
        const reason = error.stderr.trim().split("\n").at(-1) ?? "";
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
