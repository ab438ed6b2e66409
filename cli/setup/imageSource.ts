import { existsSync, writeFileSync } from "node:fs";
import { get, Unavailable } from "../../system/http.ts";
import { type Builder, COMMON_PARTS } from "../../source-builds/builder.ts";
import { stackConfig } from "../state/stackFile.ts";

const REGISTRIES = ["https://registry-1.docker.io/v2/", "https://ghcr.io/v2/"];

/** What a registry answers to who has not logged in; or that it was asked too often. A page that blocks it does not. */
const ANSWERS = [200, 401, 429];

/** Where the images of a stack come from. */
export interface ImageSource {
    madeHere: boolean;
    /** Why they are made here, if that was found out just now. */
    why?: string;
}

/**
 * Whether node image and pod images are made on this machine: only if a registry that offers them cannot be reached. It
 * is not asked again once all parts are made; nor, until `npm run clean`, once it was reached: a laptop that is offline
 * today still has what it pulled.
 */
export async function imageSource(builder: Builder): Promise<ImageSource> {
    const { cache, signal } = builder;
    if (COMMON_PARTS.every((part) => builder.has(part))) {
        return { madeHere: true };
    }
    const reached = cache.path("images-from-registries");
    if (existsSync(reached)) {
        return { madeHere: false };
    }
    const problems = await Promise.all(REGISTRIES.map((url) => whyNotReached(url, signal)));
    const why = problems.find((problem) => problem !== undefined);
    if (why !== undefined) {
        return { madeHere: true, why };
    }
    writeFileSync(reached, `${new Date().toISOString()}\n`);
    return { madeHere: false };
}

async function whyNotReached(url: string, signal: AbortSignal): Promise<string | undefined> {
    try {
        const answer = await get(url, { signal });
        await answer.body?.cancel();
        return ANSWERS.includes(answer.status) ? undefined : `${url} answered ${answer.status}.`;
    } catch (error) {
        if (error instanceof Unavailable) {
            return error.message;
        }
        throw error;
    }
}

/** Whether a stack's configuration says itself where all of its images come from. */
export function namesItsImages(configFile: string): boolean {
    const { images } = stackConfig(configFile);
    if (typeof images !== "object" || images === null) {
        return false;
    }
    return "mirror" in images || ["node", "multus", "toolbox"].every((name) => name in images);
}
