import { cpSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Command } from "commander";
import { DEVELOPMENT } from "../commandLine.ts";
import { PROJECT } from "../project.ts";
import { run as start } from "../../system/process.ts";

const DIST = join(PROJECT, "dist");

/** What a package has besides compiled sources. */
const CONTENTS = ["charts", "provider/pulumi-resource-multinet", "schema/provider.json"];

/** Node strips no types in packages that are installed. */
export const words = new Command("package")
    .helpGroup(DEVELOPMENT)
    .summary("compile what `npm pack` packs")
    .description(
        "Compiles what programs of others import, and the provider, into `dist`. `npm pack` runs this first.",
    );

export async function run(_words: Command, signal: AbortSignal): Promise<number> {
    rmSync(DIST, { recursive: true, force: true });
    const compiler = join(PROJECT, "node_modules", "typescript", "bin", "tsc");
    await start(process.execPath, [compiler, "--project", join(PROJECT, "tsconfig.package.json")], {
        signal,
    });
    for (const path of CONTENTS) {
        cpSync(join(PROJECT, path), join(DIST, path), { recursive: true });
    }
    const { name, version } = JSON.parse(
        readFileSync(join(PROJECT, "package.json"), "utf8"),
    ) as Record<string, string>;
    // The provider reads its version there.
    const manifest = JSON.stringify({ name, version, type: "module" }, null, 4);
    writeFileSync(join(DIST, "package.json"), `${manifest}\n`);
    return 0;
}
