import { equal } from "./equal.ts";
import { kubeconfigOf } from "./kind/kubeconfigFile.ts";
import { cellName, questions, summarize } from "./matrix/cells.ts";
import type { Cell } from "./matrix/cells.ts";
import type { MatrixInputs } from "./matrix/inputs.ts";
import { measure } from "./matrix/measure.ts";
import { UNKNOWN } from "./resource.ts";
import type { Call, ChangeKind, CheckFailure, Properties, Resource } from "./resource.ts";
import { hasUnknown } from "./rpc/properties.ts";

export type MatrixOutputs = MatrixInputs & { matrix: Cell[]; summary: string };

/** Milliseconds for which red cells are asked again. */
export interface Patience {
    /** After a change, when things still settle. */
    settling: number;
    /** In a diff, which only looks. */
    looking: number;
}

const PATIENCE: Patience = { settling: 90_000, looking: 5_000 };

/** Inputs that make another matrix of it when they change; `clusters` does so with its identities only. */
const PROPERTIES = ["namespace", "networks", "pairs", "free", "multicast"] as const;

/** How many red cells a preview and an error list; the rest is a number. */
const LISTED = 12;

/** Proof that packets flow: measured when something changed, and again in every diff, where a red cell is drift. */
export function reachabilityMatrix({ settling, looking }: Patience = PATIENCE): Resource<
    MatrixInputs,
    MatrixOutputs
> {
    return {
        check: (inputs) => Promise.resolve({ inputs, failures: faultsOf(inputs) }),

        async diff(old, inputs, call) {
            const changes: Record<string, ChangeKind> = {};
            for (const property of PROPERTIES) {
                if (!equal(old.inputs[property], inputs[property])) {
                    changes[property] = "update";
                }
            }
            if (!equal(identities(old.inputs), identities(inputs))) {
                changes["clusters"] = "update";
            }
            if (Object.keys(changes).length > 0 || !(await isMeasurable(inputs))) {
                return { changes };
            }
            const { cells, faults } = await measure(inputs, { ...call, patience: looking });
            const red = cells.filter(({ ok }) => !ok);
            for (const cell of red.slice(0, LISTED)) {
                changes[`${cellName(cell)} (red)`] = "update";
            }
            if (red.length > 0) {
                call.log("info", `drift: ${list(faults)}`);
            }
            if (red.length > LISTED || (red.length === 0 && !equal(cells, old.outputs.matrix))) {
                changes["matrix"] = "update";
            }
            return { changes };
        },

        create: async (inputs, call) => ({
            id: "matrix",
            outputs: await prove(inputs, settling, call),
        }),

        update: (_old, inputs, call) => prove(inputs, settling, call),

        read: ({ inputs, outputs }) => Promise.resolve({ inputs, outputs }),

        delete: () => Promise.resolve(),
    };
}

/** The green matrix; throws, with all that is known of the causes, if it does not become green. */
async function prove(inputs: MatrixInputs, patience: number, call: Call): Promise<MatrixOutputs> {
    if (call.preview) {
        return { ...inputs, matrix: UNKNOWN as unknown as Cell[], summary: UNKNOWN };
    }
    const total = questions(inputs).length;
    const { cells, faults } = await measure(inputs, {
        signal: call.signal,
        patience,
        rollout: true,
        onRetry: (red) => {
            call.log("status", `${red.length} of ${total} cells are still red`);
        },
    });
    if (cells.length === 0) {
        throw new Error("reachability: there is not one cell, so nothing is proved");
    }
    if (faults.length > 0) {
        const count = `${faults.length} of ${cells.length} cells are red`;
        throw new Error(`reachability: ${count} after ${patience / 1000} s\n${list(faults, "\n")}`);
    }
    return { ...inputs, matrix: cells, summary: summarize(cells) };
}

/** What would leave something, or all, unproved. */
function faultsOf(inputs: Properties): CheckFailure[] {
    const { networks, pairs } = inputs as unknown as MatrixInputs;
    if (!Array.isArray(networks) || !Array.isArray(pairs)) {
        return []; // not known yet
    }
    if (pairs.length === 0) {
        const reason = "is empty, so nothing would be proved; two demo pods are the least";
        return [{ property: "pairs", reason }];
    }
    const asked = new Set(networks.flatMap(({ name, protocols }) => (protocols[0] ? [name] : [])));
    return [...new Set(pairs.map(({ network }) => network))]
        .filter((network) => !asked.has(network))
        .map((network) => ({
            property: "networks",
            reason: `has no protocols for ${network}, so its pairs would not be proved; name some`,
        }));
}

/** False before a cluster was started or got its kubeconfig back: then a diff can say nothing. */
async function isMeasurable(inputs: MatrixInputs): Promise<boolean> {
    if (hasUnknown(inputs)) {
        return false;
    }
    const kubeconfigs = await Promise.all(inputs.clusters.map(kubeconfigOf));
    return !kubeconfigs.includes(undefined);
}

/** What makes other clusters of them. Addresses of nodes may change without that, and show in the cells. */
function identities({ clusters }: MatrixInputs): unknown {
    // Before it replaces a cluster, the engine asks what would follow, with the whole list unknown.
    if (!Array.isArray(clusters)) return clusters;
    return clusters.map(({ name, ca, kubeconfigPath }) => ({ name, ca, kubeconfigPath }));
}

function list(faults: string[], separator = "; "): string {
    const shown = faults.slice(0, LISTED);
    const more = faults.length - shown.length;
    return [...shown, ...(more > 0 ? [`and ${more} more`] : [])].join(separator);
}
