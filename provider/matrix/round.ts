import { parallel } from "../parallel.ts";
import type { Answer } from "./answers.ts";
import { judge, prepare, unasked } from "./cells.ts";
import type { Cell, Finding, Prepared, Question, Scene } from "./cells.ts";
import type { Protocol } from "./inputs.ts";
import { probe } from "./probe.ts";
import type { Probe } from "./probe.ts";
import type { Apis } from "./scene.ts";

/** What is known of the clusters, and how to ask there. */
export interface World {
    namespace: string;
    apis: Apis;
    scene: Scene;
    signal: AbortSignal;
}

/** A question's cell, and what it is made of. */
export interface Result {
    question: Question;
    cell: Cell;
    finding: Finding;
}

/**
 * How often each question is asked in a round: enough to see that every other packet is lost, and with all cells together
 * one in a hundred. `close` is for cells of which something was lost: if that was chance, it does not come back.
 */
export type Look = "all" | "close";
const COUNTS: Record<Look, Partial<Record<Protocol, number>>> = {
    all: { icmp: 50, udp: 50, large: 3 },
    close: { icmp: 400, udp: 400, large: 20, tcp: 10, bulk: 3 },
};

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
            results.push({ question, cell: unasked(question, obstacle), finding: obstacle });
        } else {
            asked.push({ question, prepared });
        }
    }
    const fair = Math.max(LEAST, Math.floor(PACKETS / asked.length));
    const answers = await ask(
        world,
        asked.map(({ question: { from, protocol }, prepared: { address, mtu } }) => ({
            from,
            probe: { protocol, address, mtu, count: Math.min(COUNTS[look][protocol] ?? 1, fair) },
        })),
    );
    for (const [index, { question, prepared }] of asked.entries()) {
        const finding = answers[index]!;
        results.push({ question, cell: judge(question, prepared, finding, scene), finding });
    }
    return results;
}

/** What the pods, by `cluster/demo`, are told; in the order of the probes. */
export async function ask(
    { namespace, apis, scene, signal }: World,
    probes: { from: string; probe: Probe }[],
): Promise<Answer[]> {
    const answers: Answer[] = [];
    const byPod = Map.groupBy([...probes.entries()], ([, { from }]) => from);
    await parallel(AT_ONCE, [...byPod], async ([from, list]) => {
        const pod = scene.pods.get(from)!;
        const all = list.map(([, { probe }]) => probe);
        const said = await probe(apis.get(pod.cluster)!, namespace, pod, all, signal);
        for (const [i, [index]] of list.entries()) {
            answers[index] = said[i]!;
        }
    });
    return answers;
}
