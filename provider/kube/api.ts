import { Agent as HttpAgent, request as httpRequest } from "node:http";
import { Agent as HttpsAgent, request as httpsRequest } from "node:https";
import { setTimeout } from "node:timers/promises";
import { parse } from "yaml";
import { inPod } from "./exec.ts";

interface Kubeconfig {
    clusters: { cluster: { server: string; "certificate-authority-data"?: string } }[];
    users: { user: { "client-certificate-data"?: string; "client-key-data"?: string } }[];
}

interface Answer {
    status: number;
    text: string;
}

export interface ApiOptions {
    signal: AbortSignal;
    /** Milliseconds for which requests are tried again while the API does not answer. */
    patience: number;
}

/** The API answered, and refused. */
export class ApiRefusal extends Error {
    readonly status: number;
    constructor(message: string, status: number) {
        super(message);
        this.status = status;
    }
}

/** Milliseconds for one request, and between two tries. */
const REQUEST_TIME = 15_000;
const PAUSE = 500;

/**
 * A cluster's Kubernetes API, as far as the provider needs it: plain requests with the client certificate of a
 * kubeconfig of kind's. Starting kubectl for each would cost ten times the processor time.
 */
export class KubeApi {
    private readonly server: string;
    private readonly agent: HttpAgent | HttpsAgent;
    private readonly signal: AbortSignal;
    private readonly deadline: number;

    private constructor(kubeconfig: Kubeconfig, { signal, patience }: ApiOptions) {
        const cluster = kubeconfig.clusters[0]?.cluster;
        const user = kubeconfig.users[0]?.user ?? {};
        this.server = cluster?.server ?? "";
        this.signal = signal;
        this.deadline = Date.now() + patience;
        const options = { keepAlive: true, maxSockets: 8 };
        this.agent = this.server.startsWith("https:")
            ? new HttpsAgent({
                  ...options,
                  ca: pem(cluster?.["certificate-authority-data"]),
                  cert: pem(user["client-certificate-data"]),
                  key: pem(user["client-key-data"]),
              })
            : new HttpAgent(options);
    }

    /** Opens the cluster of a kubeconfig (its text) for the time of `body`, which begins when the API is ready. */
    static async using<T>(
        kubeconfig: string,
        options: ApiOptions,
        body: (api: KubeApi) => Promise<T>,
    ): Promise<T> {
        const api = new KubeApi(parse(kubeconfig) as Kubeconfig, options);
        try {
            await api.ready();
            return await body(api);
        } finally {
            api.agent.destroy();
        }
    }

    /** What is at `path`; undefined if the API says that nothing is. */
    async get<T>(path: string): Promise<T | undefined> {
        try {
            return await this.send<T>("GET", path);
        } catch (error) {
            if (error instanceof ApiRefusal && error.status === 404) {
                return undefined;
            }
            throw error;
        }
    }

    /** Deletes what is at `path`; fine if it is gone. */
    async delete(path: string): Promise<void> {
        try {
            await this.send("DELETE", path);
        } catch (error) {
            if (!(error instanceof ApiRefusal) || error.status !== 404) {
                throw error;
            }
        }
    }

    /** Runs a program in a pod's only container, with `input` as its standard input, and returns what it printed. */
    exec(namespace: string, pod: string, command: string[], input: string): Promise<string> {
        const query = new URLSearchParams({ stdin: "true", stdout: "true", stderr: "true" });
        for (const word of command) query.append("command", word);
        const path = `/api/v1/namespaces/${namespace}/pods/${pod}/exec?${query.toString()}`;
        return inPod(this.server + path, { agent: this.agent, signal: this.signal, input });
    }

    /** Waits until the server says that it is ready: before that, what exists may be answered with "not found". */
    private async ready(): Promise<void> {
        await this.persist("GET", "/readyz");
    }

    private async send<T>(method: string, path: string): Promise<T> {
        return JSON.parse(await this.persist(method, path)) as T;
    }

    /** Tries until there is an answer that stands, or patience is at its end. */
    private async persist(method: string, path: string): Promise<string> {
        for (;;) {
            const answer = await this.once(method, path).catch((error: unknown) => error as Error);
            this.signal.throwIfAborted();
            const busy = answer instanceof Error || answer.status >= 500 || answer.status === 429;
            if (!busy && answer.status < 300) {
                return answer.text;
            }
            const what = `${method} ${path}: ${answer instanceof Error ? answer.message : reason(answer)}`;
            if (!busy) {
                throw new ApiRefusal(what, answer.status);
            }
            if (Date.now() > this.deadline) {
                throw new Error(`the Kubernetes API at ${this.server} does not answer: ${what}`);
            }
            await setTimeout(PAUSE, undefined, { signal: this.signal });
        }
    }

    private once(method: string, path: string): Promise<Answer> {
        const request = this.agent instanceof HttpsAgent ? httpsRequest : httpRequest;
        return new Promise((resolve, reject) => {
            const options = {
                method,
                agent: this.agent,
                headers: { accept: "application/json" },
                signal: AbortSignal.any([this.signal, AbortSignal.timeout(REQUEST_TIME)]),
            };
            const sent = request(this.server + path, options, (response) => {
                const chunks: Buffer[] = [];
                response.on("data", (chunk: Buffer) => chunks.push(chunk));
                response.on("error", reject);
                response.on("end", () => {
                    const text = Buffer.concat(chunks).toString();
                    resolve({ status: response.statusCode ?? 0, text });
                });
            });
            sent.on("error", reject);
            sent.end();
        });
    }
}

function pem(data: string | undefined): Buffer | undefined {
    return data === undefined ? undefined : Buffer.from(data, "base64");
}

function reason({ status, text }: Answer): string {
    try {
        const { message } = JSON.parse(text) as { message?: string };
        return `${message ?? text} (${status})`;
    } catch {
        return `${text.slice(0, 200)} (${status})`;
    }
}
