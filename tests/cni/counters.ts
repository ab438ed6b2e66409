import type { Cluster } from "./cluster.ts";
import type { Pod } from "./pod.ts";

/** Packets that went through each interface of a pod. */
export type Counters = Record<string, { sent: number; received: number }>;

export async function countersOf(cluster: Cluster, pod: Pod): Promise<Counters> {
    const said = await cluster.exec(pod, 30, "cat", "/proc/net/dev");
    const lines = said.split("\n").flatMap((line) => {
        const [, name, numbers] = /^\s*(\w+):\s*(.*)$/.exec(line) ?? [];
        return name === undefined
            ? []
            : [{ name, fields: numbers!.trim().split(/\s+/).map(Number) }];
    });
    // Eight numbers of what came in, then eight of what went out: bytes, packets ...
    return Object.fromEntries(
        lines.map(({ name, fields }) => [name, { received: fields[1]!, sent: fields[9]! }]),
    );
}
