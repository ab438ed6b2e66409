import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { readFile, rm } from "node:fs/promises";
import { basename } from "node:path";
import { pipeline } from "node:stream/promises";
import { drop, failure, get, type Request } from "./http.ts";
import { DownloadFailed, mirrored, Unavailable } from "./source.ts";
import { transfer } from "./transfer.ts";
import type { Download, ListedDownload } from "../plan/downloads.ts";

/**
 * Why a file is not offered for download; undefined if it is. Throws `DownloadFailed` if that cannot be found out. It asks
 * for the first byte: addresses that releases redirect to are signed for GET, and refuse HEAD.
 */
export async function whyNotOffered(
    { url }: Download,
    request: Request = {},
): Promise<string | undefined> {
    const address = mirrored(url);
    try {
        const answer = await get(address, { ...request, headers: { range: "bytes=0-0" } });
        await drop(answer);
        if (!answer.ok) {
            throw failure(address, answer);
        }
        return undefined;
    } catch (error) {
        if (error instanceof Unavailable) {
            return error.message;
        }
        throw error;
    }
}

/**
 * Downloads a file and checks it. Throws `Unavailable` if nobody offers it, `DownloadFailed` if it did not come as it
 * should or is not what it should be: then it is not used, and nothing else is used in its place.
 */
export async function download(
    source: Download,
    into: string,
    request: Request = {},
): Promise<void> {
    const { sum: expected, origin } =
        source.sha256 === undefined
            ? await publishedSum(source, into, request)
            : { sum: source.sha256, origin: "pinned in plan/downloads.ts" };
    const url = mirrored(source.url);
    await transfer(url, into, request);
    const actual = await checksum(into, expected.length === SHA1 ? "sha1" : "sha256");
    if (actual !== expected) {
        throw new DownloadFailed(
            `${url} has checksum ${actual}, but ${expected} was expected (${origin}). ${await looks(into)}The file was ` +
                "damaged on its way or was changed; it is not used. Try again; if it stays so, ask the publisher before " +
                "you trust it.",
        );
    }
}

async function checksum(file: string, algorithm: string): Promise<string> {
    const hash = createHash(algorithm);
    await pipeline(createReadStream(file), hash);
    return hash.digest("hex");
}

/** A sentence for what was sent in place of a file, if that can be seen. */
async function looks(file: string): Promise<string> {
    const [first] = (await createReadStream(file, { end: 511 }).toArray()) as Buffer[];
    return /^\s*</.test(first?.toString() ?? "")
        ? "It is a web page, as a firewall or a login to the network sends in place of files. "
        : "";
}

/** Digits of a SHA-1 and of a SHA-256 sum. */
const SHA1 = 40;
const SHA256 = 64;

async function publishedSum(
    { url, checksums, sha1Only }: ListedDownload,
    into: string,
    request: Request,
): Promise<{ sum: string; origin: string }> {
    const list = mirrored(checksums);
    const file = `${into}.checksums`;
    try {
        await transfer(list, file, request);
        const text = await readFile(file, "utf8");
        const sum = checksumIn(text, basename(url), sha1Only ? [SHA256, SHA1] : [SHA256]);
        if (sum === undefined) {
            const missing = `${list} has no SHA-256 checksum for ${basename(url)}, which is therefore not used.`;
            throw new DownloadFailed(`${missing} ${await looks(file)}`.trim());
        }
        return { sum, origin: `from ${list}` };
    } finally {
        await rm(file, { force: true });
    }
}

/** The checksum of one file in a list as `sha256sum` prints it: of the first of these lengths that the list has. */
export function checksumIn(text: string, file: string, digits = [SHA256]): string | undefined {
    const sums = text
        .split("\n")
        .map((line) => line.trim().split(/\s+/))
        .filter(([, name = ""]) => name.replace(/^\*?(\.\/)?/, "") === file)
        .map(([sum = ""]) => sum.toLowerCase())
        .filter((sum) => /^[0-9a-f]+$/.test(sum));
    return digits
        .map((length) => sums.find((sum) => sum.length === length))
        .find((found) => found !== undefined);
}
