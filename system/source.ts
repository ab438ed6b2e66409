/** Where what is missing comes from. */
export type Source = "download" | "build";

const VARIABLE = "MULTINET_SOURCE";
const MIRROR = "MULTINET_DOWNLOADS";

/** What the user has fixed; undefined if each thing is downloaded where that is offered, and built elsewhere. */
export function chosenSource(env: NodeJS.ProcessEnv = process.env): Source | undefined {
    const value = env[VARIABLE];
    if (!value) {
        return undefined;
    }
    if (value !== "download" && value !== "build") {
        throw new Error(
            `${VARIABLE} is "${value}". Set it to "download" or "build", or unset it: then whatever is not offered for ` +
                "download here is built.",
        );
    }
    return value;
}

/**
 * Where a publisher's file is really taken from: from the mirror named by `MULTINET_DOWNLOADS`, below which host and path
 * are those of the original, else from the publisher.
 */
export function mirrored(url: string, env: NodeJS.ProcessEnv = process.env): string {
    const mirror = env[MIRROR];
    if (!mirror) {
        return url;
    }
    const { protocol = "", username } = URL.parse(mirror) ?? {};
    if (username) {
        throw new Error(`${MIRROR} has a login in it. Name a mirror that needs none.`);
    }
    if (!/^https?:$/.test(protocol)) {
        throw new Error(
            `${MIRROR} is "${mirror}", which is no address of a mirror. Set it to one such as https://mirror.example/path, ` +
                "or unset it.",
        );
    }
    const { host, pathname } = new URL(url);
    return `${mirror.replace(/\/+$/, "")}/${host}${pathname}`;
}

/** A server or the network does not have it: another source may do. */
export class Unavailable extends Error {}

/** It may well be there, but did not come as it should: nothing else is used in its place unless the user says so. */
export class DownloadFailed extends Error {
    constructor(message: string, cause?: unknown) {
        super(
            `${message}\nWhat could not be downloaded is not built unasked: ${VARIABLE}=build does that.`,
            { cause },
        );
    }
}

/** The error for what is not available although a download was asked for. */
export function neededDownload(why: string): Error {
    return new Error(
        `${why}\n${VARIABLE}=download rules out that it is built. Unset the variable, or name a mirror that has it by ${MIRROR}.`,
    );
}
