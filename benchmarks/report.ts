import { FIGURES, outcome, RATIOS, type Round } from "./results.ts";
import { median } from "./statistics.ts";

/** What was measured where, besides the rounds. */
export interface Circumstances {
    date: string;
    /** Cores, memory, kernel. */
    machine: string;
    versions: string;
    /** How CPU time was measured. */
    meter: string;
    /** Rounds left out because the machine was busy with other things. */
    disturbed: number;
    /** Seconds of `npm run -s env` with everything in place. */
    setup: number[];
}

const BEGIN = "<!-- measured: written by `npm run bench` -->";
const END = "<!-- end of what is written by `npm run bench` -->";

const TEMPLATE = `# Benchmarks

\`npm run bench\` measures on your machine and writes the tables below; the last section is kept by hand.

${BEGIN}
${END}

## What misses its aim, and why

To be written after a run.
`;

/** The document with new tables; everything outside of them stays as it is. */
export function renew(document: string | undefined, tables: string): string {
    const text = document ?? TEMPLATE;
    const begin = text.indexOf(BEGIN);
    const end = text.indexOf(END);
    if (begin < 0 || end < begin) {
        throw new Error(
            `docs/benchmarks.md has lost the lines between which the tables go. Put them back:\n${BEGIN}\n${END}`,
        );
    }
    return `${text.slice(0, begin)}${BEGIN}\n\n${tables}\n${text.slice(end)}`;
}

/** The tables, as Markdown. */
export function tables(rounds: Round[], about: Circumstances): string {
    return `${RATIO_TABLE}
${RATIOS.map((ratio) => ratioRow(ratio, rounds)).join("\n")}

Medians of the ratios of each round, with the 95 % interval of the median (bootstrap); judged by its upper end. A round
runs the product, the plain script and bare clusters, one after the other in an order of chance, with the same images,
all in place. The probe: each of the four demo pods pings every other one over net1; \`up\` has proved more than that
when it ends, and is charged for the probe all the same. CPU time is user and system time of the command and all that it
starts (${about.meter}), not of the container engine. The empty
program runs as Pulumi alone would run it, without the cache of compiled code that the set-up here switches on. Memory is anonymous and kernel memory of a cluster's node
containers, half a minute after they are up.

For orientation, on this machine:

| | median | least – most |
|---|--:|--:|
${FIGURES.map(({ what, unit, of }) => figureRow(what, unit, rounds.flatMap(of))).join("\n")}
${figureRow("set-up with everything in place (`npm run -s env`; aim: under 20 s)", "s", about.setup)}

${about.date}; ${about.machine}; ${about.versions}. Rounds: ${rounds.length} after one to warm up, and ${about.disturbed}
left out because the machine was busy with something else.
`;
}

const RATIO_TABLE = `| ratio | median | 95 % interval | pairs | aim | at most | |
|---|--:|--:|--:|--:|--:|---|`;

function ratioRow(ratio: (typeof RATIOS)[number], rounds: Round[]): string {
    const { median, interval, pairs, verdict } = outcome(ratio, rounds);
    const range = interval.map((value) => value.toFixed(2)).join(" – ");
    const cells = [ratio.what, median.toFixed(2), range, pairs, ratio.aim, ratio.limit, verdict];
    return `| ${cells.join(" | ")} |`;
}

function figureRow(what: string, unit: string, values: number[]): string {
    const digits = unit === "MiB" ? 0 : 1;
    const [middle, least, most] = [median(values), Math.min(...values), Math.max(...values)].map(
        (value) => value.toFixed(digits),
    );
    return `| ${what} | ${middle} ${unit} | ${least} – ${most} |`;
}
