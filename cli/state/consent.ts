import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline/promises";
import { REPLACEMENTS, type Replacement } from "../../provider/kind/consent.ts";
import type { Stack } from "./stack.ts";

/**
 * Runs `pulumi up`, which asks nothing, except before a cluster that is there is replaced: then it fails with nothing
 * changed, and is run again if `ask` says so. With `--yes` all is allowed.
 */
export async function upWithConsent(
    stack: Pick<Stack, "up">,
    flags: string[],
    ask: (question: string) => Promise<boolean> = askOnTerminal,
): Promise<number> {
    if (flags.some((flag) => flag === "--yes" || flag === "-y")) {
        return stack.up(flags);
    }
    const folder = mkdtempSync(join(tmpdir(), "multinet-up-"));
    const file = join(folder, "replacements");
    try {
        const code = await stack.up(flags, { [REPLACEMENTS]: file });
        const refused = code === 0 ? [] : read(file);
        if (refused.length === 0) {
            return code;
        }
        const question = `These clusters would be replaced, with all that is in them:\n${refused.join("\n")}`;
        return (await ask(question)) ? await stack.up(flags) : code;
    } finally {
        rmSync(folder, { recursive: true });
    }
}

/** One line for each cluster. */
function read(file: string): string[] {
    if (!existsSync(file)) {
        return [];
    }
    const lines = readFileSync(file, "utf8").trimEnd().split("\n");
    const reasons = Map.groupBy(
        lines.map((line) => JSON.parse(line) as Replacement),
        ({ cluster }) => cluster,
    );
    return [...reasons].map(
        ([cluster, all]) =>
            `  - ${cluster}: ${[...new Set(all.flatMap((one) => one.reasons))].join(", ")}`,
    );
}

async function askOnTerminal(question: string): Promise<boolean> {
    if (!process.stdin.isTTY) {
        console.error(
            `${question}\nThey are left as they are. To replace them: the same command with --yes`,
        );
        return false;
    }
    return confirm(question, "Replace them?");
}

/** Asks on the terminal; anything but "y" and "yes" is a no, Ctrl-C and Ctrl-D too. */
export async function confirm(explanation: string, question: string): Promise<boolean> {
    const terminal = createInterface({ input: process.stdin, output: process.stderr });
    const over = new AbortController();
    terminal.on("SIGINT", () => over.abort()).on("close", () => over.abort());
    try {
        const { signal } = over;
        const answer = await terminal.question(`${explanation}\n${question} [y/N] `, { signal });
        return /^y(es)?$/i.test(answer.trim());
    } catch (error) {
        if (over.signal.aborted) {
            return false;
        }
        throw error;
    } finally {
        terminal.close();
    }
}
