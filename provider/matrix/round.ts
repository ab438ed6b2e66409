import { parallel } from "../parallel.ts";
import type { Failure, Seen } from "./answers.ts";
import { judge, unasked } from "./cells.ts";
import type { Cell } from "./cells.ts";
import { probe } from "./probe.ts";
import type { Line } from "./probe.ts";
import { PROBES } from "./probes.ts";
import type { Probe } from "./probes.ts";
import { prepare } from "./questions.ts";
import type { Prepared, Question } from "./questions.ts";
import type { Apis, Scene } from "./scene.ts";

/** What is known of the clusters, and how to ask there. */
export interface World {
    namespace: string;
    apis: Apis;
    scene: Scene;
    signal: AbortSignal;
}

/** A question's cell, and what was seen, which the cell has in words. */
export interface Result {
    question: Question;
    cell: Cell;
    seen: Seen;
}

/** `close` is for cells of which something was lost. */
export type Look = keyof Probe["counts"];

/** Packets of a kind in a round, which bound the time that it takes; and how many each cell has at least. */
const PACKETS = 40_000;
const LEAST = 10;

/** How many pods are asked at the same time. */
const AT_ONCE = 8;

/** Asks each question once, all of one pod together. */
export async function round(world: World, questions: Question[], look: Look): Promise<Result[]> {
    const { scene } = world;
    const results: Result[] = [];
    const asked: { question: Question; prepared: Prepared }[] = [];
    for (const question of questions) {
        const prepared = prepare(question, scene);
        if ("obstacle" in prepared) {
            const { obstacle } = prepared;
            results.push({ question, cell: unasked(question, obstacle, scene), seen: obstacle });
        } else {
            asked.push({ question, prepared });
        }
    }
    const fair = Math.max(LEAST, Math.floor(PACKETS / asked.length));
    const answers = await ask(
        world,
        asked.map(({ question: { from, protocol: kind }, prepared: { address, mtu } }) => {
            const { counts, read } = PROBES[kind];
            return {
                from,
                line: { kind, address, mtu, read, count: Math.min(counts[look], fair) },
            };
        }),
    );
    for (const [index, { question, prepared }] of asked.entries()) {
        const seen = answers[index]!;
        results.push({ question, cell: judge(question, prepared, seen, scene), seen });
    }
    return results;
}

/** What the pods, by `cluster/demo`, answer; in the order of the lines. */
export async function ask<T>(
    { namespace, apis, scene, signal }: World,
    lines: { from: string; line: Line<T> }[],
): Promise<(T | Failure)[]> {
    const answers: (T | Failure)[] = [];
    const byPod = Map.groupBy([...lines.entries()], ([, { from }]) => from);
    await parallel(AT_ONCE, [...byPod], async ([from, list]) => {
        const pod = scene.pods.get(from)!;
        const all = list.map(([, { line }]) => line);
        const said = await probe(apis.get(pod.cluster)!, namespace, pod, all, signal);
        for (const [i, [index]] of list.entries()) {
            answers[index] = said[i]!;
        }
    });
    return answers;
}
