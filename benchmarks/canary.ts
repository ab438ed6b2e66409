import { pbkdf2 } from "node:crypto";
import { availableParallelism } from "node:os";
import { promisify } from "node:util";
import { seconds } from "./seconds.ts";

const work = promisify(pbkdf2);

/** Enough for about half a second. */
const ITERATIONS = 1_000_000;

/**
 * Seconds for a fixed piece of work on every core at once (up to the four that node's thread pool has): longer when
 * something else uses the machine.
 */
export function canary(): Promise<number> {
    const cores = Math.min(availableParallelism(), 4);
    return seconds(() =>
        Promise.all(Array.from({ length: cores }, () => work("", "", ITERATIONS, 32, "sha256"))),
    );
}
