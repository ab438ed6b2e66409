import { readFile } from "node:fs/promises";
import { Agent as HttpAgent, request as httpRequest } from "node:http";
import { Agent as HttpsAgent, request as httpsRequest } from "node:https";
import { resolve } from "node:path";
import { setTimeout } from "node:timers/promises";
import { parse } from "yaml";

interface Kubeconfig {
    clusters: { cluster: { server: string; "certificate-authority-data"?: string } }[];
    users: { user: { "client-certificate-data"?: string; "client-key-data"?: string } }[];
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

    /** Opens the cluster of a kubeconfig file for the time of `body`. */
    static async using<T>(
        kubeconfigPath: string,
        options: ApiOptions,
        body: (api: KubeApi) => Promise<T>,
    ): Promise<T> {
        const kubeconfig = parse(await readFile(resolve(kubeconfigPath), "utf8")) as Kubeconfig;
        const api = new KubeApi(kubeconfig, options);
        try {
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

    private async send<T>(method: string, path: string): Promise<T> {
        for (;;) {
            try {
                const { status, text } = await this.once(method, path);
                if (status < 300) {
                    return JSON.parse(text) as T;
                }
                const refusal = new ApiRefusal(`${method} ${path}: ${reason(status, text)}`, status);
                if (status < 500 && status !== 429) {
                    throw refusal;
                }
                this.giveUp(refusal);
            } catch (error) {
                this.signal.throwIfAborted();
                if (error instanceof ApiRefusal && error.status < 500) {
                    throw error;
                }
                this.giveUp(error as Error);
            }
            await setTimeout(PAUSE, undefined, { signal: this.signal });
        }
    }

    private giveUp(error: Error): void {
        if (Date.now() > this.deadline) {
            throw new Error(
                `the Kubernetes API at ${this.server} does not answer: ${error.message}`,
            );
        }
    }

    private once(method: string, path: string): Promise<{ status: number; text: string }> {
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

function reason(status: number, text: string): string {
    try {
        const { message } = JSON.parse(text) as { message?: string };
        return `${message ?? text} (${status})`;
    } catch {
        return `${text.slice(0, 200)} (${status})`;
    }
}
