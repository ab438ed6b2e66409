import { cellName, summarize, type Cell, type Protocol } from "../../provider/matrix/cells.ts";
import type { MatrixInputs } from "../../provider/matrix/inputs.ts";
import { measure } from "../../provider/matrix/measure.ts";
import { openStack } from "../openStack.ts";
import { chooseStack } from "../stack.ts";
import { table } from "../table.ts";

const MATRIX = "multinet:index:ReachabilityMatrix";

/** Milliseconds for which red cells are asked again. */
const PATIENCE = 5_000;

/**
 * `npm run verify [-- --json]`: measures the reachability matrix of a stack now. Exit code 0: all green; 1: a cell is
 * red; 2: it could not be measured.
 */
export async function verify(args: string[], signal: AbortSignal): Promise<number> {
    const choice = chooseStack(args);
    const stack = await openStack(choice, signal);
    Object.assign(process.env, stack.env); // for the programs that measuring starts
    const { resources = [] } = (await stack.state()).deployment;
    const inputs = resources.find(({ type }) => type === MATRIX)?.inputs;
    if (!inputs) {
        throw new Error(
            `The stack "${stack.name}" has no reachability matrix. Make it with: npm run up`,
        );
    }
    const { cells, faults } = await measure(inputs as unknown as MatrixInputs, {
        signal,
        patience: PATIENCE,
    });
    if (cells.length === 0)
        throw new Error("There is not one cell to measure, so nothing is proved.");
    const green = cells.every(({ ok }) => ok);
    if (choice.rest.includes("--json")) {
        console.log(JSON.stringify({ green, summary: summarize(cells), cells, faults }, null, 4));
    } else {
        console.log(`${matrix(cells)}\n\n${[...faults, summarize(cells)].join("\n")}`);
    }
    return green ? 0 : 1;
}

/** All protocols, in the order of their columns. */
const columns: Protocol[] = ["icmp", "tcp", "bulk", "udp", "large", "multicast", "unreachable"];

/** One row for each pair of pods on a network, or free address; one column for each protocol that is measured. */
export function matrix(cells: Cell[]): string {
    const protocols = columns.filter((name) => cells.some(({ protocol }) => protocol === name));
    const rows = Map.groupBy(cells, (cell) => cellName({ ...cell, protocol: "icmp" }));
    const body = [...rows.values()].map((row) => {
        const { from, to, network } = row[0]!;
        const marks = protocols.map((protocol) => {
            const cell = row.find((candidate) => candidate.protocol === protocol);
            return cell ? (cell.ok ? "ok" : "RED") : "";
        });
        return [from, to, network, ...marks];
    });
    return table([["from", "to", "network", ...protocols], ...body]);
}
