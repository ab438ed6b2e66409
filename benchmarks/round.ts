import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Images } from "../plan/images.ts";
import { run } from "../system/process.ts";
import {
    BARE,
    createBare,
    deleteClusters,
    KUBECONFIGS,
    kindEnvironment,
    PLAIN,
} from "./clusters.ts";
import type { Meter } from "./cpu.ts";
import { clusterMemory } from "./memory.ts";
import { probe } from "./probe.ts";
import type { ProgramStack } from "./programStack.ts";
import { seconds } from "./seconds.ts";
import { shuffled } from "./statistics.ts";

/** What a round needs. */
export interface Lab {
    /** The stack that is measured, and one of a program without resources. */
    product: ProgramStack;
    empty: ProgramStack;
    /** The product's clusters: logical name, and the name that kind knows. */
    clusters: { name: string; kindName: string }[];
    /** How many demo pods they have together. */
    pods: number;
    images: Images;
    /** For kubeconfig files. */
    folder: string;
    meter: Meter;
    signal: AbortSignal;
}

/** Times in seconds by the clock unless said otherwise; memory in bytes for one cluster. */
export interface Product {
    up: number;
    /** The same, and one run of the probe that the plain script is judged by. */
    upAndProbe: number;
    /** CPU seconds of updates that change nothing. */
    noOps: { product: number; empty: number }[];
    memory: number;
    destroy: number;
}

export interface Plain {
    toProbe: number;
    /** Of both clusters in one command. */
    delete: number;
}

export interface Bare {
    one: number;
    /** Two at once, until both are Ready. */
    two: number;
    memory: number;
}

/** Milliseconds of rest before memory is measured. */
const SETTLE = 30_000;

/** Pairs of no-ops in a round: they are short, and vary. */
const NO_OPS = 6;

export async function product(lab: Lab, say: (status: string) => void): Promise<Product> {
    const { signal } = lab;
    const kubeconfigs = lab.clusters.map(({ name }) => join(KUBECONFIGS, `${name}.yaml`));
    say("up");
    const up = await seconds(() => lab.product.up());
    const probing = await seconds(() => probe(kubeconfigs, lab.pods, signal));
    say("memory");
    const memory = await settledMemory(
        lab.clusters.map(({ kindName }) => kindName),
        signal,
    );
    say("updates that change nothing");
    const noOps = [];
    for (let pair = 0; pair < NO_OPS; pair++) {
        noOps.push(
            await inRandomOrder({
                product: () => lab.product.noOp(lab.meter),
                empty: () => lab.empty.noOp(lab.meter),
            }),
        );
    }
    say("destroy");
    const destroy = await seconds(() => lab.product.destroy());
    return { up, upAndProbe: up + probing, noOps, memory, destroy };
}

export async function plain(lab: Lab, say: (status: string) => void): Promise<Plain> {
    const { folder, images, signal } = lab;
    const env = {
        ...kindEnvironment,
        NODE_IMAGE: images.node,
        MULTUS_IMAGE: images.multus,
        TOOLBOX_IMAGE: images.toolbox,
    };
    say("plain.sh");
    const toProbe = await seconds(async () => {
        await run("bash", [join(import.meta.dirname, "plain.sh"), folder, ...PLAIN], {
            env,
            signal,
        });
        await probe(
            PLAIN.map((name) => join(folder, `${name}.yaml`)),
            4,
            signal,
        );
    });
    say("kind delete clusters");
    return { toProbe, delete: await seconds(() => deleteClusters(PLAIN, folder, signal)) };
}

export async function bare(
    { folder, images, signal }: Lab,
    say: (status: string) => void,
): Promise<Bare> {
    const [first, second] = BARE as [string, string];
    const create = (name: string) => createBare(name, images.node, folder, signal);
    say("kind create cluster");
    const one = await seconds(() => create(first));
    say("memory");
    const memory = await settledMemory([first], signal);
    await deleteClusters([first], folder, signal);
    say("two at once");
    const two = await seconds(() => allDone([create(first), create(second)]));
    await deleteClusters([first, second], folder, signal);
    return { one, two, memory };
}

/** Runs tasks one after the other, in an order of chance. */
export async function inRandomOrder<T extends Record<string, unknown>>(tasks: {
    [Name in keyof T]: () => Promise<T[Name]>;
}): Promise<T> {
    const results: Partial<T> = {};
    for (const name of shuffled(Object.keys(tasks) as (keyof T)[])) {
        results[name] = await tasks[name]();
    }
    return results as T;
}

/** Like Promise.all, but when one fails nothing goes on in the background. */
async function allDone(actions: Promise<void>[]): Promise<void> {
    await Promise.allSettled(actions);
    await Promise.all(actions);
}

async function settledMemory(clusters: string[], signal: AbortSignal): Promise<number> {
    await sleep(SETTLE, undefined, { signal });
    const all = await Promise.all(clusters.map((name) => clusterMemory(name, signal)));
    return all.reduce((sum, bytes) => sum + bytes, 0) / all.length;
}
