import { existsSync } from "node:fs";
import type { Command } from "commander";
import { cellName, summarize, type Cell } from "../../provider/matrix/cells.ts";
import { measure } from "../../provider/matrix/measure.ts";
import { KINDS } from "../../provider/matrix/probes.ts";
import { stackCommand, type StackOptions } from "../commandLine.ts";
import { notCovered } from "../coverage.ts";
import { Progress } from "../../system/progress.ts";
import { openStack } from "../state/openStack.ts";
import { chooseStack } from "../state/stack.ts";
import { recordedMatrix } from "../state/recordedMatrix.ts";
import { stackConfig } from "../state/stackFile.ts";
import { recordVerified } from "../status/verified.ts";
import { table } from "../table.ts";

/** Milliseconds for which cells that are not green are asked again. */
const DOUBT = 5_000;

/** How much of what is not covered is listed. */
const LISTED = 12;

export const words = stackCommand("verify")
    .summary("measure the reachability matrix of a stack now")
    .description(
        "Measures the reachability matrix of a stack now. Exit code 0: all green; 1: a cell is red, or the last complete update " +
            "did not bring what the stack file describes; 2: it could not be measured.",
    )
    .argument("[stack]", "the stack")
    .option("--json", "print the report as JSON");

export async function run(words: Command, signal: AbortSignal): Promise<number> {
    const { json, ...options } = words.opts<StackOptions & { json?: true }>();
    const choice = chooseStack({ stack: words.args[0], ...options });
    const stack = await openStack(choice, signal);
    Object.assign(process.env, stack.env); // for the programs that measuring starts
    const matrixInputs = recordedMatrix((await stack.state()).deployment)?.inputs;
    if (!matrixInputs) {
        throw new Error(
            `The stack "${stack.name}" has no reachability matrix. Make it with: npm run up`,
        );
    }
    const { cells, faults } = await new Progress().during("matrix", () =>
        measure(matrixInputs, { signal, doubt: DOUBT }),
    );
    if (cells.length === 0) {
        throw new Error("There is not one cell to measure, so nothing is proved.");
    }
    const gaps = existsSync(choice.configFile)
        ? notCovered(matrixInputs, stack.name, stackConfig(choice.configFile))
        : [];
    const green = gaps.length === 0 && cells.every(({ ok }) => ok);
    const summary = summarize(cells, matrixInputs.scope);
    recordVerified(stack.name, { summary, red: cells.filter(({ ok }) => !ok).length, gaps });
    if (json) {
        const report = { green, summary, cells, faults, notCovered: gaps };
        console.log(JSON.stringify(report, null, 4));
    } else {
        const lines = [...faults, summary, ...gapLines(gaps)];
        console.log(`${matrix(cells)}\n\n${lines.join("\n")}`);
    }
    return green ? 0 : 1;
}

function gapLines(gaps: string[]): string[] {
    if (gaps.length === 0) {
        return [];
    }
    const more = gaps.length - LISTED;
    const shown = [...gaps.slice(0, LISTED), ...(more > 0 ? [`${more} more`] : [])];
    return [
        `Not covered: ${shown.join(", ")}. The last update did not get so far; run: npm run up`,
    ];
}

/** One row for each pair of pods on a network, or free address; one column for each kind of probe that is asked. */
export function matrix(cells: Cell[]): string {
    const protocols = KINDS.filter((name) => cells.some(({ protocol }) => protocol === name));
    const rows = Map.groupBy(cells, (cell) => cellName({ ...cell, protocol: "icmp" }));
    const body = [...rows.values()].map((row) => {
        const { from, to, network } = row[0]!;
        const marks = protocols.map((protocol) => {
            const cell = row.find((candidate) => candidate.protocol === protocol);
            if (!cell) {
                return "";
            }
            return cell.ok ? "ok" : cell.flapping ? "FLAPPING" : "RED";
        });
        return [from, to, network, ...marks];
    });
    return table([["from", "to", "network", ...protocols], ...body]);
}
