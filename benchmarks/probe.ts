import { setTimeout as sleep } from "node:timers/promises";
import { run } from "../system/process.ts";

/** Milliseconds until every pair must have answered. */
const TIMEOUT = 120_000;

const STATUS = "k8s.v1.cni.cncf.io/network-status";

/** Pings every address once, and fails at the first that does not answer. */
const PING_ALL = 'for address; do ping -c 1 -W 2 "$address" || exit 1; done';

interface Pod {
    kubeconfig: string;
    name: string;
    /** Its address on the extra network. */
    address: string;
}

/**
 * Waits until each of that many pods, over all clusters together, has pinged every other one over net1. The clusters
 * are given by their kubeconfig files.
 */
export async function probe(
    kubeconfigs: string[],
    pods: number,
    signal: AbortSignal,
): Promise<void> {
    for (const end = Date.now() + TIMEOUT; ;) {
        try {
            return await attempt(kubeconfigs, pods, signal);
        } catch (error) {
            signal.throwIfAborted();
            if (Date.now() > end) {
                throw error;
            }
            await sleep(100, undefined, { signal });
        }
    }
}

async function attempt(
    kubeconfigs: string[],
    expected: number,
    signal: AbortSignal,
): Promise<void> {
    const pods = (await Promise.all(kubeconfigs.map((file) => podsOf(file, signal)))).flat();
    if (pods.length !== expected) {
        throw new Error(`${pods.length} of ${expected} demo pods have an interface net1`);
    }
    await Promise.all(pods.map((pod) => pingAll(pod, pods, signal)));
}

async function podsOf(kubeconfig: string, signal: AbortSignal): Promise<Pod[]> {
    const text = await kubectl(kubeconfig, ["get", "pods", "--output", "json"], signal);
    const { items } = JSON.parse(text) as {
        items: { metadata: { name: string; annotations?: Record<string, string> } }[];
    };
    return items.flatMap(({ metadata: { name, annotations } }) => {
        const interfaces = JSON.parse(annotations?.[STATUS] ?? "[]") as {
            interface?: string;
            ips?: string[];
        }[];
        const address = interfaces.find((found) => found.interface === "net1")?.ips?.[0];
        return address ? [{ kubeconfig, name, address }] : [];
    });
}

async function pingAll(from: Pod, pods: Pod[], signal: AbortSignal): Promise<void> {
    const addresses = pods.filter((pod) => pod !== from).map(({ address }) => address);
    const ping = ["sh", "-c", PING_ALL, "ping", ...addresses];
    await kubectl(from.kubeconfig, ["exec", from.name, "--", ...ping], signal);
}

function kubectl(kubeconfig: string, args: string[], signal: AbortSignal): Promise<string> {
    return run("kubectl", ["--kubeconfig", kubeconfig, ...args], { signal });
}
