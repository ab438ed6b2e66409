import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as prettier from "prettier";
import { PROJECT } from "../../cli/project.ts";
import type { Result, Run } from "./ledger.ts";

const DOCUMENT = join(PROJECT, "docs", "reliability.md");

/** Writes `docs/reliability.md` from the latest result of each class in a folder. */
export async function writeTable(folder: string): Promise<void> {
    const results = readdirSync(folder)
        .filter((file) => file.endsWith(".json"))
        .sort()
        .map((file) => JSON.parse(readFileSync(join(folder, file), "utf8")) as Result);
    const options = await prettier.resolveConfig(DOCUMENT);
    const text = await prettier.format(reliability(results), { ...options, parser: "markdown" });
    writeFileSync(DOCUMENT, text);
}

/** The document: a row for each class, and every fault that was not survived. */
export function reliability(results: Result[]): string {
    const rows = results.map(
        ({ name, title, runs, date, commit, machine }) =>
            `| \`${name}\` | ${title} | ${runs.length} | ${survivors(runs)} | ${seeds(runs)} | ${date}, ${commit} | ${machine} |`,
    );
    const failures = results.flatMap(({ name, runs }) => {
        const failed = runs.filter(({ survived }) => !survived);
        return failed.length === 0 ? [] : [`**${name}**`, "", ...failed.map(item), ""];
    });
    return [
        INTRODUCTION,
        "| class | fault | runs | survived | seed | date, commit | machine |",
        "| --- | --- | ---: | ---: | --- | --- | --- |",
        ...rows,
        "",
        "## What does not hold",
        "",
        ...(failures.length === 0 ? ["Nothing that was run failed."] : failures),
        "",
    ].join("\n");
}

const INTRODUCTION = `# Reliability

Written by \`npm run test:faults\` from its own counts. Each fault is proved to have happened, and each outcome is
asserted. One class alone: \`npm run test:faults -- kills\` or \`-- kills/random\` (folders and files of \`tests/faults\`); one
fault of it: \`MULTINET_ONLY=REGEX\`; the same random choices again: \`MULTINET_SEED=N\`.

A stack has *survived* when one \`npm run up\` succeeds and then the planned containers are there and no others, one
network, no pending operation, an update changes nothing, and every cell of the matrix is green. A class of
\`tests/faults\` without a row here has not been run yet.
`;

function survivors(runs: Run[]): number {
    return runs.filter(({ survived }) => survived).length;
}

function seeds(runs: Run[]): string {
    return [...new Set(runs.map(({ seed }) => seed))].join(", ");
}

/** The first lines of what was seen, as the item of a list. */
function item({ fault, seen, seed }: Run): string {
    const told = seen.replaceAll(`${PROJECT}/`, "");
    const text = told.replace(/[|<>*_`\\]/g, " ").replace(/\s+/g, " ");
    return `- ${fault} (seed ${seed}): ${text.slice(0, 300).trim()}`;
}
