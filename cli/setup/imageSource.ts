import { existsSync, writeFileSync } from "node:fs";
import { drop, get } from "../../system/http.ts";
import { chosenSource, DownloadFailed, Unavailable } from "../../system/source.ts";
import { type Builder, COMMON_PARTS } from "../../source-builds/builder.ts";
import { stackConfig } from "../state/stackFile.ts";

const REGISTRIES = ["https://registry-1.docker.io/v2/", "https://ghcr.io/v2/"];

/** What a registry answers to who has not logged in; or that it was asked too often. A page that blocks it does not. */
const ANSWERS = [200, 401, 429];

/** Where the images of a stack come from. */
export interface ImageSource {
    madeHere: boolean;
    /** A line for the user, if it was found out just now. */
    line?: string;
}

/**
 * Whether node image and pod images are made on this machine: if `MULTINET_SOURCE` says so, else only if no registry that
 * offers them can be reached. It is not asked again once all parts are made; nor, until `npm run clean`, once they were
 * reached: a laptop that is offline today still has what it pulled.
 */
export async function imageSource(builder: Builder): Promise<ImageSource> {
    const { cache, signal } = builder;
    const chosen = chosenSource();
    if (chosen === "download") {
        return { madeHere: false };
    }
    if (COMMON_PARTS.every((part) => builder.has(part))) {
        return { madeHere: true };
    }
    if (chosen === "build") {
        return made("MULTINET_SOURCE=build asks for it.");
    }
    const reached = cache.path("images-from-registries");
    if (existsSync(reached)) {
        return { madeHere: false };
    }
    const problems = await Promise.all(REGISTRIES.map((url) => whyNotReached(url, signal)));
    const [why, ...others] = problems.filter((problem) => problem !== undefined);
    if (why === undefined) {
        writeFileSync(reached, `${new Date().toISOString()}\n`);
        const hosts = REGISTRIES.map((url) => new URL(url).host).join(" and ");
        return { madeHere: false, line: `Node image and pod images are pulled from ${hosts}.` };
    }
    if (others.length + 1 < REGISTRIES.length) {
        throw new DownloadFailed(
            `Of the registries that images are pulled from only some can be reached. ${why} Have it allowed, or name a mirror ` +
                "of all images by images.mirror.",
        );
    }
    return made(why);
}

function made(why: string): ImageSource {
    return { madeHere: true, line: `Node image and pod images are made on this machine: ${why}` };
}

/** Undefined if a registry answers; throws `DownloadFailed` if it is something else that does. */
async function whyNotReached(url: string, signal: AbortSignal): Promise<string | undefined> {
    try {
        const answer = await get(url, { signal });
        await drop(answer);
        const isPage = answer.headers.get("content-type")?.startsWith("text/html");
        if (isPage || !ANSWERS.includes(answer.status)) {
            throw new DownloadFailed(
                `${url} answered ${answer.status}${isPage ? " with a web page" : ""}, which is not what a registry says: a ` +
                    "firewall, a proxy or a login to the network is in its place. Have it allowed, or name a mirror of all " +
                    "images by images.mirror.",
            );
        }
        return undefined;
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
