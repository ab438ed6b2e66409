import { open, type FileHandle } from "node:fs/promises";
import type { ReadableStreamDefaultReader } from "node:stream/web";
import { drop, failure, get, LIMITS, type Request } from "./http.ts";
import { DownloadFailed } from "./source.ts";

/** What has been received of a file. */
interface Received {
    size: number;
    /** What it will be in the end, if the server has said so. */
    total: number | undefined;
    /** By this the server knows whether the file is still the same: an ETag, or when it was changed. */
    validator: string | undefined;
}

/** The server broke off, or sends nothing any more. */
class Cut extends Error {}

/**
 * Fetches a file. Where the server breaks off, it goes on from there if the file is still the same and the server can,
 * else from the beginning. It takes as long as it takes, and gives up after so many tries without progress.
 */
export async function transfer(url: string, into: string, request: Request = {}): Promise<void> {
    const { tries, pause, wait } = { ...LIMITS, ...request.limits };
    const received: Received = { size: 0, total: undefined, validator: undefined };
    const file = await open(into, "w");
    try {
        for (let failures = 0, farthest = 0; ;) {
            const cut = await receive(url, file, received, request);
            if (!cut) {
                await file.truncate(received.size); // an earlier try may have come further
                return;
            }
            failures = received.size > farthest ? 1 : failures + 1;
            farthest = Math.max(farthest, received.size);
            if (failures >= tries) {
                const { size, total } = received;
                const part = `${size} of ${total ?? "an unknown number of"} bytes`;
                throw new DownloadFailed(`${url} broke off after ${part}: ${cut.message}.`, cut);
            }
            await wait(pause, request.signal);
        }
    } finally {
        await file.close();
    }
}

/** Receives the rest of a file, or all of it; returns what ended it before its end. */
async function receive(
    url: string,
    file: FileHandle,
    received: Received,
    request: Request,
): Promise<Cut | undefined> {
    const { size, validator } = received;
    const rest = size > 0 && validator && { range: `bytes=${size}-`, "if-range": validator };
    // What is compressed on its way has another length.
    const headers = { "accept-encoding": "identity", ...rest };
    const answer = await get(url, { ...request, headers });
    if (rest && [206, 416].includes(answer.status)) {
        if (!continues(answer, received)) {
            await drop(answer);
            Object.assign(received, { size: 0, validator: undefined });
            return new Cut("the server has another file now");
        }
    } else if (answer.ok) {
        Object.assign(received, beginning(answer));
    } else {
        await drop(answer);
        throw failure(url, answer);
    }
    return write(answer, file, received, request);
}

function beginning({ headers }: Response): Received {
    const length = headers.get("content-encoding") ? null : headers.get("content-length");
    const etag = headers.get("etag");
    const strong = etag?.startsWith("W/") ? null : etag;
    return {
        size: 0,
        total: length === null ? undefined : Number(length),
        validator: strong ?? headers.get("last-modified") ?? undefined,
    };
}

/** Whether an answer goes on where the last one broke off, in a file of the same length. */
function continues({ headers }: Response, { size, total }: Received): boolean {
    const [, start, of] = /^bytes (\d+)-\d+\/(\d+)$/.exec(headers.get("content-range") ?? "") ?? [];
    return Number(start) === size && (total === undefined || Number(of) === total);
}

async function write(
    answer: Response,
    file: FileHandle,
    received: Received,
    request: Request,
): Promise<Cut | undefined> {
    try {
        for await (const part of parts(answer, request)) {
            for (let done = 0; done < part.length;) {
                const left = part.length - done;
                const { bytesWritten } = await file.write(part, done, left, received.size);
                done += bytesWritten;
                received.size += bytesWritten;
            }
        }
    } catch (error) {
        if (error instanceof Cut) {
            return error;
        }
        throw error; // of the disk
    }
    const { size, total = size } = received;
    return size < total ? new Cut("the answer ended") : undefined;
}

/** The parts of an answer as they come; a `Cut` if the next one does not. */
async function* parts(answer: Response, { limits, signal }: Request): AsyncGenerator<Uint8Array> {
    const { silence } = { ...LIMITS, ...limits };
    const reader = answer.body!.getReader() as ReadableStreamDefaultReader<Uint8Array>;
    let timer: NodeJS.Timeout | undefined;
    try {
        for (;;) {
            const late = new Promise<never>((_, reject) => {
                const error = new Error(`nothing came for ${silence / 1000} s`);
                timer = setTimeout(() => reject(error), silence);
            });
            const { done, value } = await Promise.race([reader.read(), late]);
            clearTimeout(timer);
            if (done) {
                return;
            }
            yield value;
        }
    } catch (error) {
        signal?.throwIfAborted();
        const reason = error as Error & { cause?: unknown };
        const inner = reason.cause instanceof Error ? reason.cause : reason;
        throw new Cut(inner.message, { cause: error });
    } finally {
        clearTimeout(timer);
        await reader.cancel().catch(() => undefined);
    }
}
