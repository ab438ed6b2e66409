import { setTimeout } from "node:timers/promises";
import { kubeconfigOf } from "../kind/kubeconfigFile.ts";
import { KubeApi } from "../kube/api.ts";
import { parallel } from "../parallel.ts";
import { judge, prepare, questions, unasked } from "./cells.ts";
import type { Cell, Question, Scene } from "./cells.ts";
import { explain } from "./hop.ts";
import type { MatrixCluster, MatrixInputs } from "./inputs.ts";
import { demoPods } from "./pods.ts";
import { probe } from "./probe.ts";

export interface MeasureOptions {
    signal: AbortSignal;
    /** Milliseconds for which red cells are asked again. */
    patience: number;
    /** Wait first until all demo pods run; patience begins then. */
    rollout?: boolean;
    /** Called before each further round. */
    onRetry?: (red: Cell[]) => void;
}

export interface Measurement {
    cells: Cell[];
    /** One line for each red cell, with its likely cause. */
    faults: string[];
}

/** Milliseconds that a cluster's API may take to answer, and between two rounds of probes. */
const API_PATIENCE = 60_000;
const PAUSE = 1000;

/** Milliseconds for all demo pods to run, images included, and between two looks. */
const ROLLOUT_PATIENCE = 300_000;
const ROLLOUT_PAUSE = 250;

/** How many pods are asked at the same time. */
const AT_ONCE = 8;

/** By the cluster's logical name. */
type Apis = Map<string, KubeApi>;

/**
 * Measures every cell from inside the pods. Red ones are asked again until all are green or patience is at its end.
 */
export async function measure(
    inputs: MatrixInputs,
    { signal, patience, rollout = false, onRetry }: MeasureOptions,
): Promise<Measurement> {
    const all = questions(inputs);
    const cells = new Map<Question, Cell>();
    const apis = new Map(
        await Promise.all(inputs.clusters.map((cluster) => apiOf(cluster, signal))),
    );
    let scene = await (rollout ? rolledOut(inputs, apis, all, signal) : lookAround(inputs, apis));
    const deadline = Date.now() + patience;
    for (;;) {
        const open = all.filter((question) => !cells.get(question)?.ok);
        for (const [question, cell] of await round(inputs, apis, scene, open, signal)) {
            cells.set(question, cell);
        }
        const red = [...cells].filter(([, { ok }]) => !ok);
        if (red.length === 0 || Date.now() > deadline) {
            const measured = all.map((question) => cells.get(question)!);
            const faults = red.map(([question, cell]) => explain(cell, question, measured, scene));
            return { cells: measured, faults };
        }
        onRetry?.(red.map(([, cell]) => cell));
        await setTimeout(PAUSE, undefined, { signal });
        scene = await lookAround(inputs, apis);
    }
}

async function apiOf(cluster: MatrixCluster, signal: AbortSignal): Promise<[string, KubeApi]> {
    const kubeconfig = await kubeconfigOf(cluster);
    if (kubeconfig === undefined) {
        throw new Error(
            `${cluster.kubeconfigPath} is not the kubeconfig of cluster ${cluster.name} (any more); ` +
                "`pulumi up` writes it again",
        );
    }
    return [cluster.name, new KubeApi(kubeconfig, { signal, patience: API_PATIENCE })];
}

/**
 * Waits until every demo pod runs; when they do not come, the matrix says what is wrong. It does not wait
 * until the kubelet calls them ready, which takes a second more than an answer of their own; nor for Helm, which looks
 * every two seconds only.
 */
async function rolledOut(
    inputs: MatrixInputs,
    apis: Apis,
    all: Question[],
    signal: AbortSignal,
): Promise<Scene> {
    const deadline = Date.now() + ROLLOUT_PATIENCE;
    for (;;) {
        const scene = await lookAround(inputs, apis);
        const complete = all.every(({ from }) => scene.pods.has(from));
        if (complete || Date.now() > deadline) return scene;
        await setTimeout(ROLLOUT_PAUSE, undefined, { signal });
    }
}

async function lookAround(
    { clusters, namespace, networks }: MatrixInputs,
    apis: Apis,
): Promise<Scene> {
    const found = await Promise.all(
        [...apis].map(([cluster, api]) => demoPods(api, cluster, namespace)),
    );
    const nodeAddresses = clusters.map((cluster) => cluster.nodeAddresses);
    return {
        pods: new Map(found.flatMap((pods) => [...pods])),
        nodeAddresses: Object.assign({}, ...nodeAddresses) as Record<string, string>,
        networks: new Map(networks.map((network) => [network.name, network])),
    };
}

/** Asks each open question once, all of one pod together. */
async function round(
    { namespace }: MatrixInputs,
    apis: Apis,
    scene: Scene,
    open: Question[],
    signal: AbortSignal,
): Promise<[Question, Cell][]> {
    const results: [Question, Cell][] = [];
    const asked = new Map<string, { question: Question; address: string; expected: string }[]>();
    for (const question of open) {
        const prepared = prepare(question, scene);
        if ("fault" in prepared) {
            results.push([question, unasked(question, prepared.fault)]);
        } else {
            const list = asked.get(question.from) ?? [];
            list.push({ question, ...prepared });
            asked.set(question.from, list);
        }
    }
    await parallel(AT_ONCE, [...asked], async ([from, list]) => {
        const pod = scene.pods.get(from)!;
        const probes = list.map(({ question, address }) => ({
            protocol: question.protocol,
            address,
        }));
        const answers = await probe(apis.get(pod.cluster)!, namespace, pod, probes, signal);
        for (const [index, { question, expected }] of list.entries()) {
            results.push([question, judge(question, expected, answers[index]!)]);
        }
    });
    return results;
}
