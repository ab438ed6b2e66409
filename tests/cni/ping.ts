import type { Cluster } from "./cluster.ts";
import type { Pod } from "./pod.ts";

/** What a ping came to. */
export interface Echoes {
    sent: number;
    received: number;
}

/** Pings from a pod, by the way that its own routes choose, with these options and for so many seconds at most. */
export async function ping(
    cluster: Cluster,
    from: Pod,
    address: string,
    { options, seconds = 30 }: { options: string[]; seconds?: number },
): Promise<Echoes> {
    const said = await cluster.exec(from, seconds, "ping", "-n", "-W", "2", ...options, address);
    const [, sent, received] = /(\d+) packets transmitted, (\d+) received/.exec(said) ?? [];
    if (sent === undefined) {
        throw new Error(`ping ${address} in ${from.name} says: ${said}`);
    }
    return { sent: Number(sent), received: Number(received) };
}
