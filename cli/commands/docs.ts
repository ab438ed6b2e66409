import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { Command } from "commander";
import { withTables } from "../../plan/config/documentation.ts";
import { stackFileSchema } from "../../plan/config/jsonSchema.ts";
import { definition } from "../../provider/definition.ts";
import { DEVELOPMENT } from "../commandLine.ts";
import { PROJECT } from "../project.ts";

export const words = new Command("docs")
    .helpGroup(DEVELOPMENT)
    .summary("write what is generated of the documentation")
    .description("Writes the parts of the documentation that are made from the code.");

export async function run(): Promise<number> {
    for (const [file, text] of Object.entries(await generated())) {
        const path = join(PROJECT, file);
        mkdirSync(dirname(path), { recursive: true });
        writeFileSync(path, text);
        console.log(`Wrote ${file}.`);
    }
    return 0;
}

/** The files that are made from the code, wholly or in part, as they should be. */
export async function generated(): Promise<Record<string, string>> {
    // Only whoever works on the project has prettier and TypeScript.
    const { format, resolveConfig } = await import("prettier");
    const { sdkSchema } = await import("../../provider/rpc/sdkSchema.ts");
    const options = (await resolveConfig(join(PROJECT, "package.json"))) ?? {};
    const document = readFileSync(join(PROJECT, "docs", "configuration.md"), "utf8");
    const json = (value: object) => format(JSON.stringify(value), { ...options, parser: "json" });
    return {
        "docs/configuration.md": await format(withTables(document), {
            ...options,
            parser: "markdown",
        }),
        "schema/stack.json": await json(stackFileSchema()),
        "schema/provider.json": await json(sdkSchema(definition)),
    };
}
