import { existsSync, writeFileSync } from "node:fs";
import type { Cache } from "./cache.ts";
import type { Catalogue } from "./catalogue.ts";
import { status } from "./download.ts";
import { commonParts } from "./images/nodeImage.ts";
import { stackConfig } from "./stackFile.ts";

const registries = ["https://registry-1.docker.io/v2/", "https://ghcr.io/v2/"];

/**
 * Whether node image and pod images are made on this machine: only if the registries that offer them cannot be
 * reached. Decided once, and kept until `npm run clean`: a laptop that is offline today still has what it pulled.
 */
export async function imagesAreMadeHere(cache: Cache, catalogue: Catalogue): Promise<boolean> {
    if (commonParts.every((part) => cache.has(catalogue.key(part)))) return true;
    const decided = cache.path("images-from-registries");
    if (existsSync(decided)) return false;
    const answers = await Promise.all(registries.map(status));
    if (answers.includes(undefined)) return true;
    writeFileSync(decided, `${new Date().toISOString()}\n`);
    return false;
}

/** Whether a stack's configuration says itself where all of its images come from. */
export function namesItsImages(configFile: string): boolean {
    const { images } = stackConfig(configFile);
    if (typeof images !== "object" || images === null) return false;
    return "mirror" in images || ["node", "multus", "toolbox"].every((name) => name in images);
}
