import { setTimeout } from "node:timers/promises";
import { falseIfFailed } from "../exec.ts";
import type { Call } from "../resource.ts";
import type { Container, Runtime } from "../runtime/runtime.ts";
import { adminKubectl, isFile } from "./api.ts";
import { patient } from "../../plan/patience.ts";

/** A cluster whose workers may be gated. */
export interface GatedCluster {
    runtime: Runtime;
    controlPlane: Container;
    call: Call;
}

/**
 * A CNI file that comes first and cannot be read: as long as a node has it, its network is not ready for the kubelet,
 * which then starts those pods only that use the node's own. So the DaemonSets that make the extra networks come first.
 */
const GATE = "/etc/cni/net.d/00-joining.conf";

/** What Multus writes when it is in place. */
const MULTUS_CONF = "/etc/cni/net.d/00-multus.conf";

const NAMESPACE = "kube-system";
const MULTUS = "multus";
const AGENT = "node-routes";

/** Milliseconds until a gate is opened whatever is missing still, and between two looks. */
const GATE_TIME = patient(120_000);
const PAUSE = 500;

/** The DaemonSets that the gates of this cluster wait for. */
export async function gatekeepers({
    runtime,
    controlPlane,
    call,
}: GatedCluster): Promise<string[]> {
    const args = ["get", "daemonsets", MULTUS, AGENT, `--namespace=${NAMESPACE}`];
    const text = await adminKubectl(
        runtime,
        controlPlane.name,
        [...args, "--ignore-not-found", "--output=name"],
        call.signal,
    );
    return [MULTUS, AGENT].filter((name) => text.split("\n").includes(`daemonset.apps/${name}`));
}

/** Keeps pods with a network of their own from a node that has not joined yet. */
export async function closeGate({ runtime, call }: GatedCluster, node: string): Promise<void> {
    const argv = ["install", "-D", "--mode=644", "/dev/null", GATE];
    await runtime.exec(node, argv, { signal: call.signal });
}

/**
 * Opens the gates that are closed as soon as those nodes are fit, at the latest after some time. An agent has a plan for
 * the `planned` nodes only; those that are new get theirs later.
 */
export async function openGates(
    cluster: GatedCluster,
    nodes: string[],
    planned: string[],
): Promise<void> {
    const { runtime, call } = cluster;
    await Promise.all(
        nodes.map(async (node) => {
            if (!(await isFile(runtime, node, GATE, call.signal))) {
                return;
            }
            call.log("status", `waiting for the extra networks on ${node}`);
            const lacking = await untilFit(cluster, node, planned.includes(node));
            if (lacking.length > 0) {
                call.log(
                    "warning",
                    `worker ${node} has no ${lacking.join(" and no ")} after ${GATE_TIME / 1000} s; pods that start ` +
                        "there now may lack their extra networks: see `kubectl get pods -n kube-system -o wide`",
                );
            }
            await runtime.exec(node, ["rm", "-f", GATE], { signal: call.signal });
        }),
    );
}

/** What a node lacks when the time is up. */
async function untilFit(cluster: GatedCluster, node: string, planned: boolean): Promise<string[]> {
    const { signal } = cluster.call;
    const deadline = performance.now() + GATE_TIME;
    const wanted = (await gatekeepers(cluster)).filter((name) => name !== AGENT || planned);
    for (;;) {
        const there = await Promise.all(
            wanted.map((name) =>
                (name === MULTUS
                    ? isFile(cluster.runtime, node, MULTUS_CONF, signal)
                    : hasReadyAgent(cluster, node)
                ).catch(falseIfFailed),
            ),
        );
        const lacking = wanted.filter((_, i) => !there[i]);
        if (lacking.length === 0 || performance.now() > deadline) {
            return lacking;
        }
        await setTimeout(PAUSE, undefined, { signal });
    }
}

async function hasReadyAgent(
    { runtime, controlPlane, call }: GatedCluster,
    node: string,
): Promise<boolean> {
    const args = [
        ...["get", "pods", `--namespace=${NAMESPACE}`],
        `--selector=app.kubernetes.io/name=${AGENT}`,
        `--field-selector=spec.nodeName=${node}`,
        '--output=jsonpath={.items[*].status.conditions[?(@.type=="Ready")].status}',
    ];
    const text = await adminKubectl(runtime, controlPlane.name, args, call.signal);
    return text.split(" ").includes("True");
}
