import { cp, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { goRecipe, goSources } from "./goModule.ts";
import type { Artifact, Cost } from "./artifact.ts";

/** Of whatever only takes files from modules. */
export const moduleFilesCost: Cost = { build: true, disk: 0, minutes: 1 };

interface ModuleFiles {
    name: string;
    version: string;
    /** Folder under `source-builds/modules`. */
    module: string;
    /** The module that has the files, which that one depends on. */
    dependency: string;
    /** What the files and folders are called here, and where they are there. */
    files: Record<string, string>;
    /** What to replace in one of them: its path here, what is there, and what it becomes. */
    edit?: [path: string, from: string, to: string];
}

/** An artifact of files and folders that come with a pinned Go module. */
export function moduleFiles({
    name,
    version,
    module,
    dependency,
    files,
    edit,
}: ModuleFiles): Artifact {
    return {
        name,
        version,
        needs: [],
        cost: moduleFilesCost,
        recipe: () => [JSON.stringify([dependency, files, edit]), ...goRecipe(module)],
        async make(into, context) {
            const sources = await goSources(context, module, dependency);
            for (const [path, source] of Object.entries(files)) {
                await cp(join(sources, source), join(into, path), { recursive: true });
            }
            // Go keeps its sources read-only.
            await context.run("chmod", ["--recursive", "u+w", into]);
            if (edit) {
                await replaceIn(join(into, edit[0]), edit[1], edit[2]);
            }
        },
    };
}

async function replaceIn(file: string, from: string, to: string): Promise<void> {
    const text = await readFile(file, "utf8");
    if (!text.includes(from)) {
        throw new Error(`"${from}" is not in ${file}; adapt the edit to this version of it.`);
    }
    await writeFile(file, text.replace(from, to));
}
