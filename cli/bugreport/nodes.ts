import type { Runtime } from "../../provider/runtime/runtime.ts";

/** Milliseconds for a node to answer one question. */
const TIMEOUT = 20_000;

/** What each node is asked. Only CNI configurations are read: beside them are kubeconfigs. */
const QUESTIONS: string[][] = [
    ["ip", "-brief", "link"],
    ["ip", "-brief", "address"],
    ["ip", "rule"],
    ["ip", "-4", "route", "show", "table", "all"],
    ["cat", "/proc/sys/net/ipv4/ip_forward"],
    ["nft", "list", "ruleset"],
    ["ls", "-l", "/opt/cni/bin", "/etc/cni/net.d"],
    // prettier-ignore
    ["find", "/etc/cni/net.d", "-maxdepth", "1", "-name", "*.conf*", "-exec", "tail", "-n", "+1", "{}", "+"],
    // prettier-ignore
    ["find", "/var/log/pods", "-path", "*/kube-system_node-routes-*", "-name", "*.log", "-exec", "tail", "-n", "200", "{}", "+"],
];

/** What the nodes of these names say, those that run; of the others, and of what fails, why there is no answer. */
export async function nodeStates(
    runtime: Runtime,
    names: string[],
    signal: AbortSignal,
): Promise<Map<string, string>> {
    const found = await runtime.containers({ names }, { signal, timeout: TIMEOUT });
    const states = await Promise.all(
        names.map(async (name) => {
            const state = found.find((one) => one.name === name)?.state ?? "not there";
            const answers = state === "running" ? await ask(runtime, name, signal) : [];
            return [name, [`The container is ${state}.`, ...answers].join("\n\n")] as const;
        }),
    );
    return new Map(states);
}

async function ask(runtime: Runtime, node: string, signal: AbortSignal): Promise<string[]> {
    const answers: string[] = [];
    for (const question of QUESTIONS) {
        const answer = await runtime
            .exec(node, question, { signal, timeout: TIMEOUT })
            .catch((error: Error) => error.message);
        signal.throwIfAborted();
        answers.push(`$ ${question.join(" ")}\n${answer}`);
    }
    return answers;
}
