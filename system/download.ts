import { createHash } from "node:crypto";
import { createWriteStream } from "node:fs";
import { basename } from "node:path";
import { Readable, Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { ReadableStream } from "node:stream/web";
import { get, Unavailable } from "./http.ts";
import type { Download } from "../plan/versions.ts";

/** Whether a file is offered, and if not, why. */
export interface Offer {
    offered: boolean;
    why: string;
}

/**
 * Asks whether a file can be downloaded. It asks for the first byte: addresses that releases redirect to are signed for
 * GET, and refuse HEAD.
 */
export async function offer(url: string, signal?: AbortSignal): Promise<Offer> {
    try {
        const answer = await get(url, { headers: { range: "bytes=0-0" }, signal });
        await answer.body?.cancel();
        return { offered: answer.ok, why: `${url} answered ${answer.status}.` };
    } catch (error) {
        if (error instanceof Unavailable) {
            return { offered: false, why: error.message };
        }
        throw error;
    }
}

/**
 * Downloads a file and checks it. Throws `Unavailable` if it cannot be had, another error if it is not what it should
 * be: then it is not used, and nothing else is used in its place.
 */
export async function download(
    source: Download,
    into: string,
    signal?: AbortSignal,
): Promise<void> {
    const expected = source.sha256 ?? (await publishedChecksum(source, signal));
    const response = await get(source.url, { signal });
    if (!response.ok) {
        throw new Unavailable(`${source.url} answered ${response.status}.`);
    }
    const actual = await save(response, into, expected.length === SHA1 ? "sha1" : "sha256", signal);
    if (actual !== expected) {
        throw new Error(
            `${source.url} has checksum ${actual}, but ${expected} was expected (${
                source.sha256 ? "pinned in plan/versions.ts" : `from ${source.checksums}`
            }). The file was damaged on its way or was changed; it is not used. Try again; if it stays so, ask the ` +
                "publisher before you trust it.",
        );
    }
}

/** Writes what is answered to a file, and returns its checksum. */
async function save(
    response: Response,
    into: string,
    algorithm: string,
    signal?: AbortSignal,
): Promise<string> {
    const hash = createHash(algorithm);
    const measure = new Transform({
        transform(chunk: Buffer, _encoding, done) {
            hash.update(chunk);
            done(null, chunk);
        },
    });
    const body = Readable.fromWeb(response.body as ReadableStream);
    const broken: Error[] = [];
    body.on("error", (error) => broken.push(error));
    try {
        await pipeline(body, measure, createWriteStream(into), { signal });
    } catch (error) {
        signal?.throwIfAborted();
        // An error of the disk is not the server's.
        if (broken.length === 0 || (error as NodeJS.ErrnoException).syscall === "write") {
            throw error;
        }
        throw new Unavailable(`${response.url} broke off: ${(error as Error).message}.`);
    }
    return hash.digest("hex");
}

/** Digits of a SHA-1 and of a SHA-256 sum. */
const SHA1 = 40;
const SHA256 = 64;

async function publishedChecksum(source: Download, signal?: AbortSignal): Promise<string> {
    const list = source.checksums;
    if (!list) {
        throw new Error(`No checksum is known for ${source.url}.`);
    }
    const response = await get(list, { signal });
    if (!response.ok) {
        throw new Unavailable(`${list} answered ${response.status}.`);
    }
    const digits = source.sha1Only ? [SHA256, SHA1] : [SHA256];
    return checksumIn(await response.text(), basename(source.url), list, digits);
}

/** The checksum of one file in a list as `sha256sum` prints it: of the first of these lengths that the list has. */
export function checksumIn(text: string, file: string, list: string, digits = [SHA256]): string {
    const sums = text
        .split("\n")
        .map((line) => line.trim().split(/\s+/))
        .filter(([, name = ""]) => name.replace(/^\*?(\.\/)?/, "") === file)
        .map(([sum = ""]) => sum.toLowerCase())
        .filter((sum) => /^[0-9a-f]+$/.test(sum));
    for (const length of digits) {
        const found = sums.find((sum) => sum.length === length);
        if (found) {
            return found;
        }
    }
    throw new Unavailable(`${list} has no SHA-256 checksum for ${file}.`);
}
