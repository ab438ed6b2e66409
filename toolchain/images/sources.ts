import { readFileSync } from "node:fs";
import { join } from "node:path";

/** The texts of files of this directory, for the recipe of a piece that their code decides. */
export function sources(...names: string[]): string[] {
    return names.map((name) => readFileSync(join(import.meta.dirname, name), "utf8"));
}
