import { createHash, type Hash } from "node:crypto";
import { createWriteStream } from "node:fs";
import { basename } from "node:path";
import { Readable, Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { ReadableStream } from "node:stream/web";
import type { Download } from "./versions.ts";

/** Milliseconds for a server to begin its answer. */
const PATIENCE = 5_000;

/** A server that could not be reached or does not have the file: another source may do. */
export class Unavailable extends Error {}

/** Why a host did not answer, remembered for this run so that nobody waits for it again. */
const silentHosts = new Map<string, string>();

/** Forgets which hosts did not answer. */
export function forgetSilentHosts(): void {
    silentHosts.clear();
}

/**
 * The HTTP status with which an address answers a HEAD request; undefined if its host cannot be reached. Proxy settings
 * in the environment (`HTTPS_PROXY`, `NO_PROXY`) are respected.
 */
export async function status(url: string): Promise<number | undefined> {
    try {
        return (await request(url, "HEAD")).status;
    } catch (error) {
        if (error instanceof Unavailable) return undefined;
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
    const expected = source.sha256 ?? (await publishedChecksum(source));
    const response = await request(source.url, "GET", signal);
    if (!response.ok) throw new Unavailable(`${source.url} answered ${response.status}.`);
    const hash = checksumOf(expected);
    const measure = new Transform({
        transform(chunk: Buffer, _encoding, done) {
            hash.update(chunk);
            done(null, chunk);
        },
    });
    const body = Readable.fromWeb(response.body as ReadableStream);
    await pipeline(body, measure, createWriteStream(into), { signal });
    const actual = hash.digest("hex");
    if (actual !== expected) {
        throw new Error(
            `${source.url} has checksum ${actual}, but ${expected} was expected (${
                source.sha256 ? "pinned in toolchain/versions.ts" : `from ${source.checksums}`
            }). The file was damaged on its way or was changed; it is not used. Try again; if it stays so, ask the ` +
                "publisher before you trust it.",
        );
    }
}

/** Some publishers list SHA-1 sums; the length tells. */
function checksumOf(expected: string): Hash {
    return createHash(expected.length === 40 ? "sha1" : "sha256");
}

async function publishedChecksum(source: Download): Promise<string> {
    const list = source.checksums;
    if (!list) throw new Error(`No checksum is known for ${source.url}.`);
    const response = await request(list, "GET");
    if (!response.ok) throw new Unavailable(`${list} answered ${response.status}.`);
    return checksumIn(await response.text(), basename(source.url), list);
}

/** The checksum of one file in a list as `sha256sum` prints it. */
export function checksumIn(text: string, file: string, list: string): string {
    for (const line of text.split("\n")) {
        const [sum = "", name = ""] = line.trim().split(/\s+/);
        if (
            name.replace(/^\*?(\.\/)?/, "") === file &&
            /^([0-9a-f]{40}|[0-9a-f]{64})$/i.test(sum)
        ) {
            return sum.toLowerCase();
        }
    }
    throw new Unavailable(`${list} has no checksum for ${file}.`);
}

async function request(url: string, method: string, signal?: AbortSignal): Promise<Response> {
    const host = new URL(url).host;
    const silence = silentHosts.get(host);
    if (silence) throw new Unavailable(`${host} did not answer before (${silence}).`);
    const late = new AbortController();
    const timer = setTimeout(() => late.abort(), PATIENCE);
    const signals = signal ? [late.signal, signal] : [late.signal];
    try {
        return await fetch(url, { method, signal: AbortSignal.any(signals) });
    } catch (error) {
        signal?.throwIfAborted();
        const why = late.signal.aborted
            ? `no answer within ${PATIENCE / 1000} s`
            : String((error as Error & { cause?: Error }).cause?.message ?? error);
        silentHosts.set(host, why);
        throw new Unavailable(`${host} cannot be reached: ${why}.`);
    } finally {
        clearTimeout(timer);
    }
}
