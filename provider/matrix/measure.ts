import { setTimeout } from "node:timers/promises";
import type { Cell } from "./cells.ts";
import { diagnose } from "./diagnosis.ts";
import type { MatrixInputs } from "./inputs.ts";
import { questions } from "./questions.ts";
import type { Question } from "./questions.ts";
import { round } from "./round.ts";
import type { Result, World } from "./round.ts";
import { apisOf, lookAround } from "./scene.ts";
import type { Scene } from "./scene.ts";
import { traces } from "./trace.ts";
import { patient } from "../../plan/patience.ts";

export interface MeasureOptions {
    signal: AbortSignal;
    /**
     * After a change: waits until all demo pods run, then so many milliseconds for the cells to become green. Without it
     * things should have settled long ago.
     */
    settleTimeout?: number;
    /** Milliseconds for which a cell that was not green after that is asked again. */
    doubt: number;
    /** Milliseconds for which each request to an API is tried again. */
    apiTimeout?: number;
    /** Called before each further round while cells settle. */
    onRetry?: (red: number, all: number) => void;
}

export interface Measurement {
    cells: Cell[];
    /** One line for each red cell, with its likely cause; the first of them with more of what was found out. */
    faults: string[];
}

/** Milliseconds that a cluster's API may take to answer, and between two rounds of probes. */
const API_TIMEOUT = patient(60_000);
const PAUSE = 1000;

/** Milliseconds for all demo pods to run, images included, and between two looks. */
const ROLLOUT_TIME = patient(300_000);
const ROLLOUT_PAUSE = 250;

/**
 * Measures every cell from inside the pods. While things settle, a cell may need any number of tries. Then all are asked
 * once more, and what counts is only this: a cell that is not green is looked at closely, and it is green after all only if
 * nothing more is lost then.
 */
export async function measure(inputs: MatrixInputs, options: MeasureOptions): Promise<Measurement> {
    const { signal, settleTimeout, doubt, apiTimeout = API_TIMEOUT } = options;
    const all = questions(inputs);
    const apis = await apisOf(inputs.clusters, { signal, timeout: apiTimeout });
    const look = () => lookAround(inputs, apis, signal);
    const scene = await (settleTimeout === undefined ? look() : rolledOut(all, look, signal));
    const world = { namespace: inputs.namespace, apis, scene, signal };
    const results = new Map<Question, Result>();
    const settled =
        settleTimeout === undefined ||
        (await settle(world, { all, results, look, settleTimeout, options }));
    if (settled) {
        put(results, await round(world, all, "all"));
        await lookClosely(world, { results, look, doubt });
    }
    const ordered = all.map((question) => results.get(question)!);
    const hops = await traces(world, ordered);
    return {
        cells: ordered.map(({ cell }) => cell),
        faults: ordered
            .filter(({ cell }) => !cell.ok)
            .map((result) => diagnose(result, { results: ordered, scene: world.scene, hops })),
    };
}

/**
 * Waits until every demo pod runs; when they do not come, the matrix says what is wrong. It does not wait
 * until the kubelet calls them ready, which takes a second more than an answer of their own; nor for Helm, which looks
 * every two seconds only.
 */
async function rolledOut(
    all: Question[],
    look: () => Promise<Scene>,
    signal: AbortSignal,
): Promise<Scene> {
    const deadline = performance.now() + ROLLOUT_TIME;
    for (;;) {
        const scene = await look();
        const complete = all.every(({ from }) => scene.pods.has(from));
        if (complete || performance.now() > deadline) {
            return scene;
        }
        await setTimeout(ROLLOUT_PAUSE, undefined, { signal });
    }
}

/** Asks those that are not green, until all were once. False if some were never, within the time. */
async function settle(
    world: World,
    {
        all,
        results,
        look,
        settleTimeout,
        options,
    }: {
        all: Question[];
        results: Map<Question, Result>;
        look: () => Promise<Scene>;
        settleTimeout: number;
        options: MeasureOptions;
    },
): Promise<boolean> {
    const deadline = performance.now() + settleTimeout;
    let before: number | undefined;
    for (let open = all; ;) {
        put(results, await round(world, open, "all"));
        open = all.filter((question) => !results.get(question)!.cell.ok);
        if (open.length === 0 || performance.now() > deadline) {
            return open.length === 0;
        }
        if (open.length !== before) {
            options.onRetry?.(open.length, all.length);
        }
        before = open.length;
        await setTimeout(PAUSE, undefined, { signal: world.signal });
        world.scene = await look();
    }
}

/**
 * Asks those that are not green at once, and many times. What loses packets again is flapping, and asked no more; what does
 * not answer at all is, as long as there is doubt: perhaps its pod is just replaced.
 */
async function lookClosely(
    world: World,
    {
        results,
        look,
        doubt,
    }: { results: Map<Question, Result>; look: () => Promise<Scene>; doubt: number },
): Promise<void> {
    const deadline = performance.now() + doubt;
    let open = [...results.values()].filter(({ cell }) => !cell.ok);
    while (open.length > 0) {
        const again = await round(
            world,
            open.map(({ question }) => question),
            "close",
        );
        put(results, again);
        open = again.filter(({ cell }) => !cell.ok && !cell.flapping);
        if (open.length === 0 || performance.now() > deadline) {
            return;
        }
        await setTimeout(PAUSE, undefined, { signal: world.signal });
        world.scene = await look();
    }
}

function put(results: Map<Question, Result>, found: Result[]): void {
    for (const result of found) {
        results.set(result.question, result);
    }
}
