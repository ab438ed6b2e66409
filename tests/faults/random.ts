import { createHash } from "node:crypto";

/** The seed of all that is random here; printed with every class, and set again with MULTINET_SEED. */
export const SEED = Number(process.env["MULTINET_SEED"] ?? Date.now() % 2 ** 31);

/** Random numbers that the seed and a name decide, so that one run can be repeated without those before it. */
export class Random {
    private state: number;

    constructor(name: string, seed = SEED) {
        this.state = createHash("sha256").update(`${seed} ${name}`).digest().readInt32LE();
    }

    /** From 0 to less than 1 (mulberry32). */
    next(): number {
        this.state = (this.state + 0x6d2b79f5) | 0;
        let mixed = Math.imul(this.state ^ (this.state >>> 15), 1 | this.state);
        mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
        return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
    }

    between(least: number, most: number): number {
        return least + this.next() * (most - least);
    }

    integer(least: number, most: number): number {
        return Math.floor(this.between(least, most + 1));
    }

    pick<T>(list: readonly T[]): T {
        return list[this.integer(0, list.length - 1)]!;
    }
}
