import { until } from "../e2e/world.ts";
import type { Cluster } from "./cluster.ts";
import type { Pod } from "./pod.ts";

/** Bits a second from one pod to another over an interface that both have, by one TCP stream of five seconds. */
export async function throughput(
    cluster: Cluster,
    from: Pod,
    to: Pod,
    device: string,
): Promise<number> {
    const [own, peer] = [from.addresses[device]!, to.addresses[device]!];
    // For one stream only: whatever comes of it, no server is left.
    await cluster.exec(to, 30, "iperf3", "--server", "--one-off", "--daemon", "--bind", peer);
    const client = ["iperf3", "--client", peer, "--bind", own, "--time", "5", "--json"];
    let rate = 0;
    await until(30, async () => {
        const said = await cluster.exec(from, 30, ...client, "--connect-timeout", "3000");
        const { end, error } = JSON.parse(said) as {
            end: { sum_received?: { bits_per_second: number } };
            error?: string;
        };
        rate = end.sum_received?.bits_per_second ?? 0;
        return rate > 0 || (error ?? said);
    });
    return rate;
}
