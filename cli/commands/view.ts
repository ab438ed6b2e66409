import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { type Command, InvalidArgumentError, Option } from "commander";
import { stackCommand, type StackOptions } from "../commandLine.ts";
import { STATE_DIR, TYPED_IN } from "../project.ts";
import { chooseStack } from "../state/stack.ts";
import { TOPOLOGY_STYLE } from "../view/assets.ts";
import { readFacts } from "../view/facts.ts";
import type { Facts } from "../view/model.ts";
import { page } from "../view/page.ts";
import { serve } from "../view/serve.ts";
import { topologySvg } from "../view/topologySvg.ts";

const DEFAULT_PORT = 4780;

export const words = stackCommand("view")
    .summary("show a stack on one page: topology, matrix, what was healed")
    .description(
        "Writes a page that shows a stack, its matrix and what was healed; to an .svg, its topology alone. Looks at what is there " +
            "and changes nothing.",
    )
    .argument("[stack]", "the stack")
    .option("-o, --output <file>", "the file; default: .multinet/views/STACK.html")
    .addOption(
        new Option("--serve [port]", "show it on 127.0.0.1 and refresh it until Ctrl-C")
            .preset(`${DEFAULT_PORT}`)
            .argParser(portOf)
            .conflicts("output"),
    );

export async function run(words: Command, signal: AbortSignal): Promise<number> {
    const {
        serve: port,
        output,
        ...options
    } = words.opts<StackOptions & { serve?: number; output?: string }>();
    const choice = chooseStack({ stack: words.args[0], ...options });
    if (port !== undefined) {
        console.error(`Looking at the stack "${choice.name}" ...`);
        await serve(async () => page(await readFacts(choice, signal), { isServed: true }), {
            port,
            signal,
            onReady: (address) => console.log(`${address}  (Ctrl-C ends it)`),
            onFailure: (reason) => console.error(`Not refreshed: ${reason}`),
        });
        return 0;
    }
    const facts = await readFacts(choice, signal);
    const file = output
        ? resolve(TYPED_IN, output)
        : join(STATE_DIR, "views", `${choice.name}.html`);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, file.endsWith(".svg") ? picture(facts) : page(facts));
    for (const note of facts.notes) {
        console.error(note);
    }
    console.log(pathToFileURL(file).href);
    return 0;
}

function picture(facts: Facts): string {
    return `${topologySvg(facts, TOPOLOGY_STYLE).text}\n`;
}

function portOf(text: string): number {
    const port = Number(text);
    if (!/^\d+$/.test(text) || port > 65_535) {
        throw new InvalidArgumentError("A port is 1 to 65535, or 0 for any that is free.");
    }
    return port;
}
