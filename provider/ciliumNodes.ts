import { setTimeout } from "node:timers/promises";
import { nodeStates, rangesOf } from "./cilium/nodes.ts";
import type { NodeRange, NodeState } from "./cilium/nodes.ts";
import { equal } from "./equal.ts";
import { kubeconfigOf } from "./kind/kubeconfigFile.ts";
import { KubeApi } from "./kube/api.ts";
import { LOOK_TIMEOUT, unlooked } from "./kube/unlooked.ts";
import { UNKNOWN } from "./resource.ts";
import type { Call, ChangeKind, Recorded, Resource } from "./resource.ts";
import { hasUnknown } from "./rpc/properties.ts";
import { patient } from "../plan/patience.ts";

/** See CiliumNodesArgs in sdk.ts. */
export type CiliumNodesInputs = {
    kubeconfigPath: string;
    ca: string;
    nodeAddresses: Record<string, string>;
    nodes: string[];
    namespace: string;
};

export type CiliumNodesOutputs = CiliumNodesInputs & { ranges: Record<string, NodeRange> };

/** Milliseconds. */
export interface Timeouts {
    /** For the API to answer in a diff. */
    look: number;
    /** For Cilium to become complete, after a change. */
    settle: number;
    /** Between two looks. What a diff misses must be missing twice: an agent may just be restarting. */
    pause: number;
}

const TIMEOUTS: Timeouts = { settle: patient(180_000), pause: 1_000, look: LOOK_TIMEOUT };

/** Milliseconds that an API may need to come back. */
const API_TIMEOUT = patient(60_000);

/** What Cilium hands out at run time: waited for when something changed, and compared with the record in every diff. */
export function ciliumNodes(
    timeouts: Timeouts = TIMEOUTS,
): Resource<CiliumNodesInputs, CiliumNodesOutputs> {
    return {
        check(inputs) {
            const { nodes } = inputs;
            const reason = "is empty, so there is nothing to wait for; name the cluster's nodes";
            const failures =
                Array.isArray(nodes) && nodes.length === 0 ? [{ property: "nodes", reason }] : [];
            return Promise.resolve({ inputs, failures });
        },

        async diff(old, inputs, call) {
            const properties = ["kubeconfigPath", "ca", "nodes", "namespace"] as const;
            const changed = properties.filter((one) => !equal(old.inputs[one], inputs[one]));
            const drift =
                changed.length > 0
                    ? []
                    : await driftOf(old, inputs, timeouts, call).catch((error: unknown) =>
                          unlooked(error, call),
                      );
            if (drift.length > 0) {
                call.log("info", `drift: ${drift.join("; ")}`);
            }
            const changes = [...changed, ...drift].map((one): [string, ChangeKind] => [
                one,
                "update",
            ]);
            return { changes: Object.fromEntries(changes) };
        },

        create: async (inputs, call) => ({
            id: "cilium-nodes",
            outputs: call.preview ? toBeKnown(inputs) : await complete(inputs, timeouts, call),
        }),

        update: (_old, inputs, call) =>
            call.preview ? expected(inputs, timeouts, call) : complete(inputs, timeouts, call),

        read: ({ inputs, outputs }) => Promise.resolve({ inputs, outputs }),

        delete: () => Promise.resolve(),
    };
}

/** One line for each node that lacks something or has other addresses than recorded. */
async function driftOf(
    { outputs: { ranges } }: Recorded<CiliumNodesInputs, CiliumNodesOutputs>,
    inputs: CiliumNodesInputs,
    timeouts: Timeouts,
    call: Call,
): Promise<string[]> {
    const look = await looking(inputs, call, timeouts.look);
    const findings = async () =>
        (await look?.())?.flatMap((state) => drifted(state, ranges[state.node]) ?? []) ?? [];
    if ((await findings()).length === 0) {
        return [];
    }
    await setTimeout(timeouts.pause, undefined, { signal: call.signal });
    return findings();
}

/** What an update would give, as far as a preview can tell. */
async function expected(
    inputs: CiliumNodesInputs,
    timeouts: Timeouts,
    call: Call,
): Promise<CiliumNodesOutputs> {
    const look = await looking(inputs, call, timeouts.look);
    const states = await look?.().catch((error: unknown) => {
        unlooked(error, call);
        return undefined;
    });
    return states?.every(isComplete) ? { ...inputs, ranges: rangesOf(states) } : toBeKnown(inputs);
}

/** Waits until every node has its share. */
async function complete(
    inputs: CiliumNodesInputs,
    { settle, pause }: Timeouts,
    call: Call,
): Promise<CiliumNodesOutputs> {
    const look = await looking(inputs, call, API_TIMEOUT);
    if (look === undefined) {
        throw new Error(
            `${inputs.kubeconfigPath} is not the kubeconfig of this cluster (any more); ` +
                "`pulumi up` writes it again",
        );
    }
    const deadline = performance.now() + settle;
    let said: string | undefined;
    for (;;) {
        const states = await look();
        if (states.every(isComplete)) {
            return { ...inputs, ranges: rangesOf(states) };
        }
        if (performance.now() > deadline) {
            throw incomplete(states, settle);
        }
        const status = waiting(states);
        if (status !== said) {
            call.log("status", status);
            said = status;
        }
        await setTimeout(pause, undefined, { signal: call.signal });
    }
}

/** Undefined while the cluster cannot be asked: before it was made, started or given its kubeconfig back. */
async function looking(
    inputs: CiliumNodesInputs,
    { signal }: Call,
    timeout: number,
): Promise<(() => Promise<NodeState[]>) | undefined> {
    const kubeconfig = hasUnknown(inputs) ? undefined : await kubeconfigOf(inputs);
    if (kubeconfig === undefined) {
        return undefined;
    }
    const api = new KubeApi(kubeconfig, { signal, timeout: timeout });
    return () => nodeStates(api, inputs);
}

function isComplete(state: NodeState): boolean {
    return "given" in state;
}

function toBeKnown(inputs: CiliumNodesInputs): CiliumNodesOutputs {
    return { ...inputs, ranges: UNKNOWN as unknown as Record<string, NodeRange> };
}

/** How a node's state differs from what was recorded of it. */
function drifted(state: NodeState, recorded: NodeRange | undefined): string | undefined {
    const about = `node ${state.node}`;
    if ("lacks" in state) {
        return `${about}: no ${state.lacks}`;
    }
    const { range, router } = state.given;
    if (range !== recorded?.range) {
        return `${about}: range ${range} instead of ${recorded?.range}`;
    }
    return router === recorded.router
        ? undefined
        : `${about}: router address ${router} instead of ${recorded.router}`;
}

function waiting(states: NodeState[]): string {
    const lacking = states.flatMap((state) =>
        "lacks" in state ? [`${state.node} has no ${state.lacks}`] : [],
    );
    return `waiting for Cilium on ${lacking.length} of ${states.length} nodes: ${lacking.join(", ")}`;
}

function incomplete(states: NodeState[], timeout: number): Error {
    const lines = states.flatMap((state) =>
        "lacks" in state ? [`node ${state.node} has no ${state.lacks}: ${state.fix}`] : [],
    );
    const count = `${lines.length} of ${states.length} nodes`;
    return new Error(
        `Cilium is not complete on ${count} after ${timeout / 1000} s\n${lines.join("\n")}`,
    );
}
