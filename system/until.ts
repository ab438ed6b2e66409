import { setTimeout as sleep } from "node:timers/promises";

/** Milliseconds between two looks. */
const PAUSE = 100;

/** Waits for a condition, whatever the clock does meanwhile. False after that many milliseconds without it. */
export async function until(
    condition: () => boolean | Promise<boolean>,
    milliseconds: number,
    signal?: AbortSignal,
): Promise<boolean> {
    for (const end = performance.now() + milliseconds; ;) {
        if (await condition()) {
            return true;
        }
        if (performance.now() >= end) {
            return false;
        }
        await sleep(PAUSE, undefined, { signal });
    }
}
