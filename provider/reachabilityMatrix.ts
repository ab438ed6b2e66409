import { equal } from "./equal.ts";
import { counts, digest, summarize } from "./matrix/cells.ts";
import type { Cell } from "./matrix/cells.ts";
import type { MatrixInputs } from "./matrix/inputs.ts";
import { LOOK_TIMEOUT } from "./kube/unlooked.ts";
import { measure } from "./matrix/measure.ts";
import type { Measurement } from "./matrix/measure.ts";
import { questions } from "./matrix/questions.ts";
import { Unmeasurable } from "./matrix/scene.ts";
import { PartialFailure, UNKNOWN } from "./resource.ts";
import type { Call, ChangeKind, CheckFailure, Properties, Resource } from "./resource.ts";
import { hasUnknown } from "./rpc/properties.ts";
import { patient } from "../plan/patience.ts";

/** What was measured last. Not every cell: there may be thousands, and `npm run verify` shows them. */
export type MatrixOutputs = {
    /** By network: how many of its cells are green. */
    matrix: Record<string, string>;
    summary: string;
    red: Cell[];
    /** Of all cells: changes when an address or a verdict does. */
    digest: string;
};

/** Milliseconds. */
export interface Timeouts {
    /** After a change, for all cells to become green. */
    settle: number;
    /** For a cell that is not green although all has settled. */
    doubt: number;
    /** In a diff, for an API that does not answer. The update that follows gives it more. */
    api: number;
}

const TIMEOUTS: Timeouts = { settle: patient(90_000), doubt: 5_000, api: LOOK_TIMEOUT };

/** Inputs that make another matrix of it when they change; `clusters` does so with its identities only. */
const PROPERTIES = [
    "namespace",
    "networks",
    "pairs",
    "free",
    "multicast",
    "unique",
    "scope",
] as const;

/** How many red cells an error lists, and a line of a preview; the rest is a number. */
const LISTED = { error: 12, line: 3 };

/** Proof that packets flow: measured when something changed, and again in every diff, where a red cell is drift. */
export function reachabilityMatrix(
    timeouts: Timeouts = TIMEOUTS,
): Resource<MatrixInputs, MatrixOutputs> {
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
            if (Object.keys(changes).length > 0) {
                return { changes };
            }
            const change = hasUnknown(inputs)
                ? "not measured: a cluster will change first"
                : await drift(old.outputs, inputs, timeouts, call);
            return { changes: change === undefined ? {} : { [change]: "update" } };
        },

        create: async (inputs, call) => ({
            id: ID,
            outputs: await prove(inputs, timeouts, call),
        }),

        update: (_old, inputs, call) => prove(inputs, timeouts, call),

        // Nothing is asked: a cluster may be gone, which its own resource finds out.
        read: ({ inputs, outputs }) => Promise.resolve({ inputs, outputs }),

        delete: () => Promise.resolve(),
    };
}

const ID = "matrix";

/**
 * What is different now, as a preview shows it. A cluster that cannot be asked is no error here: it may be one that is gone,
 * and in a refresh nothing but its own resource may say so.
 */
async function drift(
    old: MatrixOutputs,
    inputs: MatrixInputs,
    { doubt, api }: Timeouts,
    call: Call,
): Promise<string | undefined> {
    try {
        const options = { signal: call.signal, doubt, apiTimeout: api };
        const { cells, faults } = await measure(inputs, options);
        if (faults.length > 0) {
            call.log("info", `drift: ${list(faults, LISTED.line, "; ")}`);
            return `${faults.length} of ${cells.length} cells are red`;
        }
        return digest(cells) === old.digest ? undefined : "matrix";
    } catch (error) {
        if (!(error instanceof Unmeasurable)) {
            throw error;
        }
        call.log("info", `not measured: ${error.message}`);
        return "not measured";
    }
}

/**
 * The green matrix. If it does not become green it throws, with all that is known of the causes, and what was measured is
 * recorded with the inputs: what counts from then on is what the stack should be, not what it was before.
 */
async function prove(
    inputs: MatrixInputs,
    { settle, doubt }: Timeouts,
    call: Call,
): Promise<MatrixOutputs> {
    if (call.preview) {
        const unknown = UNKNOWN as unknown as never;
        return { matrix: unknown, summary: UNKNOWN, red: unknown, digest: UNKNOWN };
    }
    if (questions(inputs).length === 0) {
        throw new Error("reachability: there is not one cell, so nothing is proved");
    }
    const measurement = await measure(inputs, {
        signal: call.signal,
        settleTimeout: settle,
        doubt,
        onRetry: (red, all) => {
            call.log("status", `${red} of ${all} cells are still red`);
        },
    });
    const outputs = outputsOf(measurement, inputs);
    if (outputs.red.length > 0) {
        throw new PartialFailure(failureOf(measurement, settle), ID, outputs);
    }
    return outputs;
}

function outputsOf({ cells }: Measurement, { scope }: MatrixInputs): MatrixOutputs {
    return {
        matrix: counts(cells),
        summary: summarize(cells, scope),
        red: cells.filter(({ ok }) => !ok),
        digest: digest(cells),
    };
}

function failureOf({ cells, faults }: Measurement, settleTimeout: number): string {
    const flapping = cells.filter((cell) => cell.flapping).length;
    const red = faults.length - flapping;
    const all = `of ${cells.length} cells`;
    const what = [
        ...(red > 0 ? [`${red} ${all} are red after ${settleTimeout / 1000} s`] : []),
        ...(flapping > 0 ? [`${flapping} ${all} are flapping: they lose packets`] : []),
    ];
    return `reachability: ${what.join("; ")}\n${list(faults, LISTED.error, "\n")}`;
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

/** What makes other clusters of them. Addresses of nodes may change without that, and show in the cells. */
function identities({ clusters }: MatrixInputs): unknown {
    // Before it replaces a cluster, the engine asks what would follow, with the whole list unknown.
    if (!Array.isArray(clusters)) {
        return clusters;
    }
    return clusters.map(({ name, ca, kubeconfigPath }) => ({ name, ca, kubeconfigPath }));
}

function list(faults: string[], most: number, separator: string): string {
    const shown = faults.slice(0, most);
    const more = faults.length - shown.length;
    return [...shown, ...(more > 0 ? [`and ${more} more`] : [])].join(separator);
}
