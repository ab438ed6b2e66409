import { cpSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { PROJECT } from "../project.ts";
import { run } from "../../system/process.ts";

const DIST = join(PROJECT, "dist");

/** What a package has besides compiled sources. */
const CONTENTS = ["charts", "provider/pulumi-resource-multinet", "schema/provider.json"];

/**
 * `npm pack` runs this first: compiles what programs of others import, and the provider, into `dist`. Node strips no types
 * in packages that are installed.
 */
export async function packageSources(_args: string[], signal: AbortSignal): Promise<number> {
    rmSync(DIST, { recursive: true, force: true });
    const compiler = join(PROJECT, "node_modules", "typescript", "bin", "tsc");
    await run(process.execPath, [compiler, "--project", join(PROJECT, "tsconfig.package.json")], {
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
