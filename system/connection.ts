import { DownloadFailed, Unavailable } from "./source.ts";

/** A host that is not known, does not listen or cannot be reached. */
const NOT_REACHED = [
    "ENOTFOUND",
    "ECONNREFUSED",
    "ENETUNREACH",
    "EHOSTUNREACH",
    "ENETDOWN",
    "ETIMEDOUT",
    "UND_ERR_CONNECT_TIMEOUT",
    "EAI_AGAIN",
];

/** Those of them that may be gone a moment later. */
const PASSING = ["ETIMEDOUT", "UND_ERR_CONNECT_TIMEOUT", "EAI_AGAIN"];

/** How OpenSSL and Node begin the codes of their errors, or what is in them. */
const TLS = /CERT|SELF_SIGNED|UNABLE_TO_|^ERR_TLS|^ERR_SSL|^EPROTO$/;

/** What undici says when a proxy does not let a connection through. */
const PROXY_ANSWER = /^Proxy response \((\d+)\)/;

/** Why there is no answer, and whether the same question would get the same again. */
export interface NoAnswer {
    error: Unavailable | DownloadFailed;
    lasting: boolean;
}

/** Makes of what `fetch` throws what it means for a user. */
export function noAnswer(
    url: string,
    thrown: Error,
    env: NodeJS.ProcessEnv = process.env,
): NoAnswer {
    const { code, text } = reason(thrown);
    const { host } = new URL(url);
    const [, proxyAnswer] = PROXY_ANSWER.exec(text) ?? [];
    if (proxyAnswer) {
        return lasting(new DownloadFailed(proxyRefusal(url, Number(proxyAnswer)), thrown));
    }
    if (TLS.test(code)) {
        return lasting(
            new DownloadFailed(
                `The certificate of ${host} is not accepted: ${text}. If a proxy or firewall here looks into connections, ` +
                    "save the certificate of its authority to a file and set NODE_EXTRA_CA_CERTS=FILE, or set " +
                    "NODE_USE_SYSTEM_CA=1 if this machine trusts it already. Else check the clock.",
                thrown,
            ),
        );
    }
    if (NOT_REACHED.includes(code)) {
        const proxy = proxyIn(text, env);
        if (proxy) {
            const message = `The proxy ${proxy} cannot be reached: ${text}. Check HTTPS_PROXY and NO_PROXY.`;
            return lasting(new DownloadFailed(message, thrown));
        }
        const error = new Unavailable(`${host} cannot be reached: ${text}.`, { cause: thrown });
        return { error, lasting: !PASSING.includes(code) };
    }
    const message = `${host} did not answer: ${text}. Try again; if it stays so, ask who runs this network.`;
    return { error: new DownloadFailed(message, thrown), lasting: false };
}

/** Why a proxy does not let a connection through, by the status of its answer. */
export function proxyRefusal(url: string, status: number): string {
    const { host } = new URL(url);
    return status === 407
        ? `The proxy demands a login before it connects to ${host} (407). Put it into the address: ` +
              "HTTPS_PROXY=http://USER:PASSWORD@PROXY:PORT."
        : `The proxy does not connect to ${host}: it answered ${status}. Ask who runs it to allow ${host}, or name a ` +
              "mirror that it allows by MULTINET_DOWNLOADS.";
}

function lasting(error: DownloadFailed): NoAnswer {
    return { error, lasting: true };
}

/** The innermost error: `fetch` wraps it, and so does a connection that was tried with several addresses. */
function reason(thrown: Error): { code: string; text: string } {
    let inner = thrown as NodeJS.ErrnoException;
    for (let next = below(inner); next; next = below(inner)) {
        inner = next;
    }
    const code = inner.code ?? "";
    return { code, text: (inner.message || code || String(thrown)).trim() };
}

function below(error: Error): NodeJS.ErrnoException | undefined {
    const { cause } = error;
    const [first] = error instanceof AggregateError ? (error.errors as unknown[]) : [cause];
    return first instanceof Error ? first : undefined;
}

/** The address of a proxy, if it is that which an error speaks of; without the login. */
function proxyIn(text: string, env: NodeJS.ProcessEnv): string | undefined {
    for (const name of ["HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy"]) {
        const proxy = URL.parse(env[name] ?? "");
        if (proxy?.hostname && (text.includes(proxy.hostname) || text.endsWith(`:${proxy.port}`))) {
            return proxy.host;
        }
    }
    return undefined;
}
