import type { Cell } from "../../provider/matrix/cells.ts";
import type { Stack } from "../e2e/stack.ts";

/** What a measurement of the matrix came to. */
export interface Measured {
    /** Exit code: 0 green, 1 red, 2 not measurable. */
    code: number;
    cells: Cell[];
    /** A line for each red cell. */
    faults: string[];
    /** All that was printed. */
    output: string;
}

/** Measures the matrix of a stack now. */
export async function verify(stack: Stack): Promise<Measured> {
    const { code, stdout, output } = await stack.command("verify", ["--json"]);
    if (!stdout.trimStart().startsWith("{")) {
        return { code, cells: [], faults: [], output };
    }
    const { cells, faults } = JSON.parse(stdout) as Pick<Measured, "cells" | "faults">;
    return { code, cells, faults, output };
}

/** Measures the matrix and returns its cells; throws if one is red. */
export async function greenCells(stack: Stack): Promise<Cell[]> {
    const { code, cells, faults, output } = await verify(stack);
    if (code !== 0) {
        throw new Error(faults.join("\n") || output);
    }
    return cells;
}

/** For `until`: true, or what is red. */
export async function green(stack: Stack): Promise<true> {
    await greenCells(stack);
    return true;
}

/** How many cells there are of each protocol. */
export function countOf(cells: Cell[]): Record<string, number> {
    const groups = Map.groupBy(cells, ({ protocol }) => protocol);
    return Object.fromEntries([...groups].map(([protocol, all]) => [protocol, all.length]));
}

/** The logical name of the cluster at one end of a cell. */
export function clusterOf(end: string): string {
    return end.slice(0, end.indexOf("/"));
}
