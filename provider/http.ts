import type { RequestOptions } from "node:http";

// An import statement would read every export, and one of these brings a whole second HTTP client with it.
export const http = process.getBuiltinModule("node:http");
export const https = process.getBuiltinModule("node:https");

export interface Answer {
    status: number;
    text: string;
}

export interface Question extends Omit<RequestOptions, "signal" | "timeout"> {
    signal?: AbortSignal | undefined;
    /** Milliseconds that the server may be silent; a whole answer may take four times as long. */
    idleTimeout: number;
    body?: string | undefined;
}

/** The server did not say anything for too long. */
export class IdleTimeout extends Error {}

/** How many idle timeouts an answer may take that comes drop by drop. */
const DROPS = 4;

/** Asks an HTTP server, and resolves with its answer whatever that is. */
export function ask(
    url: string,
    { signal, idleTimeout, body, ...options }: Question,
): Promise<Answer> {
    return new Promise((resolve, reject) => {
        if (signal?.aborted) {
            reject(new Error("cancelled"));
            return;
        }
        const { request } = url.startsWith("https:") ? https : http;
        const sent = request(url, { ...options, timeout: idleTimeout }, (response) => {
            const chunks: Buffer[] = [];
            response.on("data", (chunk: Buffer) => chunks.push(chunk));
            response.on("error", reject);
            response.on("end", () => {
                const text = Buffer.concat(chunks).toString();
                resolve({ status: response.statusCode ?? 0, text });
            });
        });
        const abort = () => sent.destroy(new Error("cancelled"));
        signal?.addEventListener("abort", abort, { once: true });
        const giveUp = (time: number, what: string) =>
            sent.destroy(new IdleTimeout(`${what} for ${time / 1000} s`));
        const limit = setTimeout(giveUp, idleTimeout * DROPS, idleTimeout * DROPS, "not done");
        sent.on("close", () => {
            signal?.removeEventListener("abort", abort);
            clearTimeout(limit);
        });
        sent.on("timeout", () => giveUp(idleTimeout, "silent"));
        sent.on("error", reject);
        sent.end(body);
    });
}
