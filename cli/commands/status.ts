import type { Command } from "commander";
import { stackCommand, type StackOptions } from "../commandLine.ts";
import { chooseStack } from "../state/stack.ts";
import { factsOf } from "../status/facts.ts";
import { linesOf } from "../status/lines.ts";
import { reportOf } from "../status/report.ts";

export const words = stackCommand("status")
    .summary("tell what is up, since when, and what to type next")
    .description(
        "Tells what of a stack is up, since when, what its matrix was when it was measured last, and what to type next. Starts " +
            "nothing and changes nothing.",
    )
    .argument("[stack]", "the stack")
    .option("--json", "print the report as JSON");

export async function run(words: Command): Promise<number> {
    const { json, ...options } = words.opts<StackOptions & { json?: true }>();
    const facts = await factsOf(chooseStack({ stack: words.args[0], ...options }));
    const report = reportOf(facts);
    console.log(json ? JSON.stringify(report, null, 4) : linesOf(report, Date.now()).join("\n"));
    return 0;
}
