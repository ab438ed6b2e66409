import assert from "node:assert/strict";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { stackConfig } from "../../cli/state/stackFile.ts";
import type { Topology } from "../../plan/config/topology.ts";
import { planTopology } from "../../plan/planTopology.ts";
import type { Plan } from "../../plan/plan.ts";
import { formatProblems } from "../../plan/problem.ts";
import { validateConfig } from "../../plan/config/validate.ts";

/** The stacks whose plans and resources are recorded: those that the project comes with, and one that has everything. */
export const STACKS = ["dev", "cilium", "mixed", "every"];

/** The checkout, which no recorded text names. */
export const PROJECT = join(import.meta.dirname, "..", "..");

/** What a stack file says. */
export function configOf(stack: string): Record<string, unknown> {
    const folder = stack === "every" ? import.meta.dirname : PROJECT;
    return stackConfig(join(folder, `Pulumi.${stack}.yaml`));
}

/** The topology of a stack file. */
export function topologyOf(stack: string): Topology {
    const result = validateConfig(configOf(stack), { project: "multinet", stack });
    if ("problems" in result) {
        assert.fail(formatProblems(result.problems));
    }
    return result.topology;
}

/** The plan of a stack file. */
export function planOf(stack: string): Plan {
    return planTopology(topologyOf(stack), { project: "multinet", stack });
}

/** Compares a text with the recorded one of that name below tests/golden; `RECORD_GOLDENS=1` records it instead. */
export function assertGolden(name: string, text: string): void {
    const file = join(import.meta.dirname, name);
    if (process.env["RECORD_GOLDENS"]) {
        mkdirSync(dirname(file), { recursive: true });
        writeFileSync(file, text);
    }
    const recorded = existsSync(file) ? readFileSync(file, "utf8") : "";
    if (text === recorded) {
        return;
    }
    assert.fail(
        `tests/golden/${name} is stale. If this change is meant, record it: RECORD_GOLDENS=1 npm run test:unit (and -- component).\n` +
            difference(recorded, text),
    );
}

/** Most lines of a difference that are shown. */
const MOST_LINES = 200;

/** The lines that differ, with line numbers; `-` is recorded, `+` is found. */
export function difference(recorded: string, found: string): string {
    const [before, after] = [recorded.split("\n"), found.split("\n")];
    const lines: string[] = [];
    let i = 0;
    let j = 0;
    while (i < before.length || j < after.length) {
        if (before[i] === after[j]) {
            i++;
            j++;
            continue;
        }
        const [removed, added] = nextMatch(before.slice(i), after.slice(j));
        lines.push(...before.slice(i, i + removed).map((line, n) => `${i + n + 1} - ${line}`));
        lines.push(...after.slice(j, j + added).map((line, n) => `${j + n + 1} + ${line}`));
        i += removed;
        j += added;
    }
    const more = lines.length - MOST_LINES;
    return [
        ...lines.slice(0, MOST_LINES),
        ...(more > 0 ? [`... and ${more} more lines`] : []),
    ].join("\n");
}

/** How many lines of each to pass by until both go on alike, the fewest in sum. */
function nextMatch(before: string[], after: string[]): [removed: number, added: number] {
    for (let sum = 1; sum < before.length + after.length; sum++) {
        for (let removed = Math.max(0, sum - after.length); removed <= sum; removed++) {
            const line = before[removed];
            if (line !== undefined && line === after[sum - removed]) {
                return [removed, sum - removed];
            }
        }
    }
    return [before.length, after.length];
}
