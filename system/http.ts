import { setTimeout as sleep } from "node:timers/promises";
import { noAnswer, proxyRefusal, type NoAnswer } from "./connection.ts";
import { DownloadFailed, Unavailable } from "./source.ts";

/** How long is waited for a server. */
export interface Limits {
    /** How often it is asked as long as nothing comes of it. */
    tries: number;
    /** Milliseconds for it to begin its answer, and between two parts of that. */
    silence: number;
    /** Milliseconds before the next try where it does not say how long to wait. */
    pause: number;
    /** Milliseconds that are waited at most where it does. */
    longestPause: number;
    wait(milliseconds: number, signal?: AbortSignal): Promise<void>;
}

export const LIMITS: Limits = {
    tries: 3,
    silence: 30_000,
    pause: 500,
    longestPause: 120_000,
    wait: async (milliseconds, signal) => {
        await sleep(milliseconds, undefined, { signal });
    },
};

/** Answers of a server, or of a proxy before it, that may be another one a moment later. */
const BUSY = [408, 425, 429, 500, 502, 503, 504];

/** Answers of whoever does not want this to be had. */
const REFUSED = [401, 403, 451, 511];

/** Why a host cannot be reached, remembered for this run so that it is not waited for again. */
const silentHosts = new Map<string, string>();

/** Forgets which hosts cannot be reached. */
export function forgetSilentHosts(): void {
    silentHosts.clear();
}

export interface Request {
    headers?: Record<string, string>;
    signal?: AbortSignal | undefined;
    limits?: Partial<Limits> | undefined;
}

/**
 * What a server answers to GET, whatever the status. A busy one is asked again, and so is one that does not answer in
 * time. Throws `Unavailable` when it cannot be reached, `DownloadFailed` when something is there and does not answer.
 * Proxy settings in the environment (`HTTPS_PROXY`, `NO_PROXY`) are respected.
 */
export async function get(url: string, request: Request = {}): Promise<Response> {
    const { host } = new URL(url);
    const silence = silentHosts.get(host);
    if (silence) {
        throw new Unavailable(silence);
    }
    const limits = { ...LIMITS, ...request.limits };
    for (let attempt = 1; ; attempt++) {
        const last = attempt >= limits.tries;
        const answer = await once(url, limits.silence, request);
        if (answer instanceof Response) {
            const pause = askedPause(answer) ?? limits.pause;
            if (last || !BUSY.includes(answer.status) || pause > limits.longestPause) {
                return answer;
            }
            await drop(answer);
            await limits.wait(pause, request.signal);
        } else if (last || answer.lasting) {
            if (answer.error instanceof Unavailable) {
                silentHosts.set(host, answer.error.message);
            }
            throw answer.error;
        } else {
            await limits.wait(limits.pause, request.signal);
        }
    }
}

/** What an answer that is none of success means: `Unavailable` only if the server says that there is no such file. */
export function failure(url: string, answer: Response): Unavailable | DownloadFailed {
    const { status } = answer;
    const there = new URL(answer.url || url).host;
    const what = `${url}${there === new URL(url).host ? "" : `, redirected to ${there},`} answered ${status}`;
    if (status === 404) {
        return new Unavailable(`${what}.`);
    }
    if (status === 407) {
        return new DownloadFailed(proxyRefusal(url, status));
    }
    if (REFUSED.includes(status)) {
        return new DownloadFailed(
            `${what}: the server, a proxy or a firewall refuses it. Open the address in a browser to see what it says; ask ` +
                `who runs this network to allow ${there}, or name a mirror by MULTINET_DOWNLOADS.`,
        );
    }
    const pause = askedPause(answer);
    const later = pause === undefined ? "later" : `in ${Math.ceil(pause / 1000)} s`;
    return new DownloadFailed(
        BUSY.includes(status) ? `${what}, which may pass. Try again ${later}.` : `${what}.`,
    );
}

/** Does without the rest of an answer, whether it comes or not. */
export async function drop(answer: Response): Promise<void> {
    await answer.body?.cancel().catch(() => undefined);
}

async function once(url: string, silence: number, request: Request): Promise<Response | NoAnswer> {
    const late = new AbortController();
    const timer = setTimeout(() => late.abort(), silence);
    const signals = request.signal ? [late.signal, request.signal] : [late.signal];
    try {
        const { headers = {} } = request;
        return await fetch(url, { headers, signal: AbortSignal.any(signals) });
    } catch (error) {
        request.signal?.throwIfAborted();
        return noAnswer(
            url,
            late.signal.aborted
                ? new Error(`nothing within ${silence / 1000} s`)
                : (error as Error),
        );
    } finally {
        clearTimeout(timer);
    }
}

/** Milliseconds until a server wants to be asked again, if it says so: it does in seconds or by a date. */
function askedPause(answer: Response): number | undefined {
    const value = answer.headers.get("retry-after");
    if (!value) {
        return undefined;
    }
    const milliseconds = /^\s*\d+\s*$/.test(value)
        ? Number(value) * 1000
        : Date.parse(value) - Date.now();
    return Number.isNaN(milliseconds) ? undefined : Math.max(0, milliseconds);
}
