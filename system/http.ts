import { setTimeout as sleep } from "node:timers/promises";

/** A server that could not be reached or does not have the file: another source may do. */
export class Unavailable extends Error {}

/** Milliseconds for a server to begin its answer, one for each try. */
const TIMEOUTS = [5_000, 10_000, 15_000];

/** Milliseconds before the next try where the server does not say how long to wait, and at most. */
const PAUSE = 500;
const LONGEST_PAUSE = 10_000;

/** Answers of a server, or of a proxy before it, that may be another one a moment later. */
const BUSY = [408, 425, 429, 500, 502, 503, 504];

/** Errors that the same question will get again. */
const LASTING = ["ENOTFOUND", "ECONNREFUSED", "ENETUNREACH", "EHOSTUNREACH"];

/** Why a host did not answer, remembered for this run so that it is not waited for again. */
const silentHosts = new Map<string, string>();

/** Forgets which hosts did not answer. */
export function forgetSilentHosts(): void {
    silentHosts.clear();
}

export interface Request {
    headers?: Record<string, string>;
    signal?: AbortSignal | undefined;
}

/**
 * What a server answers to GET, whatever the status. A busy one is asked again, and so is one that does not answer in
 * time; `Unavailable` when it cannot be reached. Proxy settings in the environment (`HTTPS_PROXY`, `NO_PROXY`) are
 * respected.
 */
export async function get(url: string, request: Request = {}): Promise<Response> {
    const { host } = new URL(url);
    const silence = silentHosts.get(host);
    if (silence) {
        throw new Unavailable(`${host} did not answer before (${silence}).`);
    }
    let why = "";
    for (const [attempt, timeout] of TIMEOUTS.entries()) {
        const last = attempt === TIMEOUTS.length - 1;
        const answer = await once(url, timeout, request);
        if (answer instanceof Response) {
            if (last || !BUSY.includes(answer.status)) {
                return answer;
            }
            await answer.body?.cancel();
            await sleep(pause(answer), undefined, { signal: request.signal });
        } else {
            why = answer.why;
            if (answer.lasting) {
                break;
            }
        }
    }
    silentHosts.set(host, why);
    throw new Unavailable(`${host} cannot be reached: ${why}.`);
}

interface NoAnswer {
    why: string;
    lasting: boolean;
}

async function once(url: string, timeout: number, request: Request): Promise<Response | NoAnswer> {
    const late = new AbortController();
    const timer = setTimeout(() => late.abort(), timeout);
    const signals = request.signal ? [late.signal, request.signal] : [late.signal];
    try {
        const { headers = {} } = request;
        return await fetch(url, { headers, signal: AbortSignal.any(signals) });
    } catch (error) {
        request.signal?.throwIfAborted();
        if (late.signal.aborted) {
            return { why: `no answer within ${timeout / 1000} s`, lasting: false };
        }
        const cause = (error as Error).cause as NodeJS.ErrnoException | undefined;
        const code = cause?.code ?? "";
        const lasting = LASTING.includes(code) || /CERT|SELF_SIGNED/.test(code);
        return { why: cause?.message || code || String(error), lasting };
    } finally {
        clearTimeout(timer);
    }
}

function pause(answer: Response): number {
    const seconds = Number(answer.headers.get("retry-after") ?? NaN);
    return Number.isFinite(seconds) ? Math.min(seconds * 1000, LONGEST_PAUSE) : PAUSE;
}
