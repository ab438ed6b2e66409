import { existsSync } from "node:fs";
import { validateConfig } from "../../plan/config/validate.ts";
import type { Plan } from "../../plan/plan.ts";
import { planTopology } from "../../plan/planTopology.ts";
import { formatProblems } from "../../plan/problem.ts";
import type { MatrixInputs } from "../../provider/matrix/inputs.ts";
import { measure } from "../../provider/matrix/measure.ts";
import { apisOf, lookAround } from "../../provider/matrix/scene.ts";
import { notCovered } from "../coverage.ts";
import { deploymentAsFound, stackAsFound } from "../state/asFound.ts";
import { lastUpdate } from "../state/history.ts";
import { recordedMatrix } from "../state/recordedMatrix.ts";
import { PROJECT_NAME, type Choice } from "../state/stack.ts";
import { stackConfig } from "../state/stackFile.ts";
import { healingsOf } from "./healings.ts";
import type { Facts, Healing, Live } from "./model.ts";

/** Milliseconds for each request to a cluster, and for which cells that are not green are asked again. */
const API_TIMEOUT = 10_000;
const DOUBT = 5_000;

/** Differences between the stack file and what is up that are listed. */
const LISTED = 6;

/**
 * Looks at a stack, and changes nothing: at its file, its state and, where they can be reached, its clusters. Throws if the
 * file is missing or not valid; what else cannot be read is noted.
 */
export async function readFacts(choice: Choice, signal: AbortSignal): Promise<Facts> {
    const config = configOf(choice);
    const plan = planOf(choice, config);
    const notes: string[] = [];
    const noted = <T>(what: string, promise: Promise<T>) =>
        promise.catch((error: Error) => {
            signal.throwIfAborted();
            notes.push(`${what}: ${error.message}`);
            return undefined;
        });
    const stack = stackAsFound(choice, signal);
    const deployment = await noted("The state could not be read", deploymentAsFound(stack));
    const matrix = deployment && recordedMatrix(deployment);
    const update = stack.place && lastUpdate(stack.place);
    const facts: Facts = { plan, healings: [], update, notes, at: new Date() };
    if (!matrix) {
        return facts;
    }
    const { inputs, outputs } = matrix;
    const gaps = notCovered(inputs, choice.name, config);
    if (gaps.length > 0) {
        const more = gaps.length > LISTED ? ` and ${gaps.length - LISTED} more` : "";
        notes.push(
            `The last update did not bring all that the stack file describes: ${gaps.slice(0, LISTED).join(", ")}${more}. Run: npm run up`,
        );
    }
    const [live, healings] = await Promise.all([
        noted(
            "The clusters could not be asked, so this is what was recorded",
            look(inputs, signal),
        ),
        healed(inputs, signal, noted),
    ]);
    return {
        ...facts,
        recorded: {
            matrix: inputs,
            nodeAddresses: Object.fromEntries(
                inputs.clusters.flatMap((one) => Object.entries(one.nodeAddresses)),
            ),
            red: outputs?.red ?? [],
        },
        live,
        healings,
        at: new Date(),
    };
}

function configOf({ configFile, name }: Choice): Record<string, unknown> {
    if (!existsSync(configFile)) {
        throw new Error(`There is no ${configFile}, so the stack "${name}" cannot be shown.`);
    }
    return stackConfig(configFile);
}

function planOf({ name }: Choice, config: Record<string, unknown>): Plan {
    const owner = { project: PROJECT_NAME, stack: name };
    const result = validateConfig(config, owner);
    if ("problems" in result) {
        throw new Error(formatProblems(result.problems));
    }
    return planTopology(result.topology, owner);
}

async function look(inputs: MatrixInputs, signal: AbortSignal): Promise<Live> {
    const apis = await apisOf(inputs.clusters, { signal, timeout: API_TIMEOUT });
    const { pods, nodeAddresses } = await lookAround(inputs, apis, signal);
    const { cells, faults } = await measure(inputs, {
        signal,
        doubt: DOUBT,
        apiTimeout: API_TIMEOUT,
    });
    return { cells, faults, pods, nodeAddresses };
}

async function healed(
    { clusters }: MatrixInputs,
    signal: AbortSignal,
    noted: <T>(what: string, promise: Promise<T>) => Promise<T | undefined>,
): Promise<Healing[]> {
    const all = await Promise.all(
        clusters.map((cluster) => {
            const events = apisOf([cluster], { signal, timeout: API_TIMEOUT }).then((apis) =>
                healingsOf(apis.get(cluster.name)!, cluster.name),
            );
            return noted(`The Events of ${cluster.name} could not be read`, events);
        }),
    );
    return all.flatMap((one) => one ?? []).toSorted((a, b) => (a.at < b.at ? 1 : -1));
}
