import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { STATE_DIR, TYPED_IN } from "../project.ts";
import { chooseStack, stackArguments } from "../state/stack.ts";
import { TOPOLOGY_STYLE } from "../view/assets.ts";
import { readFacts } from "../view/facts.ts";
import type { Facts } from "../view/model.ts";
import { page } from "../view/page.ts";
import { serve } from "../view/serve.ts";
import { topologySvg } from "../view/topologySvg.ts";

const DEFAULT_PORT = 4780;

/**
 * `npm run view [-- STACK] [--serve [PORT]] [--output FILE]`: writes a page that shows a stack, its matrix and what was
 * healed; as an .svg, its topology alone. With `--serve` it is shown on 127.0.0.1 and refreshed until Ctrl-C. Looks at what
 * is there and changes nothing.
 */
export async function view(args: string[], signal: AbortSignal): Promise<number> {
    const { stack, port, output } = viewOptions(args);
    const choice = chooseStack(stack);
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

/** `stack` has the arguments that `chooseStack` reads; there is a port if the page is to be served. */
export function viewOptions(args: string[]): {
    stack: string[];
    port: number | undefined;
    output: string | undefined;
} {
    const { values, tokens } = parseArgs({
        args,
        allowPositionals: true,
        tokens: true,
        options: {
            stack: { type: "string", short: "s" },
            "config-file": { type: "string" },
            output: { type: "string", short: "o" },
            serve: { type: "boolean" },
        },
    });
    const { serve, output } = values;
    if (serve && output !== undefined) {
        throw new Error("--serve writes no file: leave out --output, or --serve.");
    }
    const words = tokens.filter((token) => token.kind === "positional");
    const at = tokens.find((token) => token.kind === "option" && token.name === "serve")?.index;
    const port = words.find(({ index, value }) => index - 1 === at && /^\d+$/.test(value));
    if (port && Number(port.value) > 65_535) {
        throw new Error(`${port.value} is no port: 1 to 65535, or 0 for any that is free.`);
    }
    return {
        stack: stackArguments(
            words.filter((one) => one !== port).map(({ value }) => value),
            values,
        ),
        port: serve ? Number(port?.value ?? DEFAULT_PORT) : undefined,
        output,
    };
}
