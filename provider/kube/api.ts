import type { Agent } from "node:http";
import { setTimeout } from "node:timers/promises";
import { ask, http, https } from "../http.ts";
import type { Answer } from "../http.ts";
import type { ExecOptions } from "./podExec.ts";
import type { Kubeconfig } from "./kubeconfig.ts";
import { patient } from "../../plan/patience.ts";

const { createSecureContext } = process.getBuiltinModule("node:tls");

interface Request {
    method: "GET" | "POST" | "PATCH" | "DELETE";
    path: string;
    /** JSON. */
    body?: string;
}

export interface ApiOptions {
    signal: AbortSignal;
    /** Milliseconds for which each request is tried again while the API does not answer. */
    timeout: number;
}

/** The API did not answer in time, if it is there at all. */
export class ApiSilent extends Error {}

/** The API answered, and refused. */
export class ApiRefusal extends Error {
    readonly status: number;
    constructor(message: string, status: number) {
        super(message);
        this.status = status;
    }
}

/** Milliseconds that the server may be silent in one request, and between two tries. */
const IDLE_TIMEOUT = patient(15_000);
const PAUSE = 500;

const READINESS = "/readyz";

/** What a body is, by method. */
const TYPES: Partial<Record<Request["method"], string>> = {
    POST: "application/json",
    PATCH: "application/merge-patch+json",
};

/** Connections at once. Setting one up costs more than a request takes. */
const CONNECTIONS = 2;

/**
 * By what kubeconfigs lead to, so that all that is asked of a cluster goes over the same connections. They keep no
 * process from ending.
 */
const agents = new WeakMap<Kubeconfig, Agent>();

function newAgent({ endpoint, tls }: Kubeconfig): Agent {
    const options = { keepAlive: true, maxSockets: CONNECTIONS };
    return endpoint.startsWith("https:")
        ? new https.Agent({ ...options, secureContext: createSecureContext(tls) })
        : new http.Agent(options);
}

/**
 * A cluster's Kubernetes API, as far as the provider needs it: plain requests with the client certificate of a
 * kubeconfig of kind's. Starting kubectl for each would cost ten times the processor time.
 */
export class KubeApi {
    private readonly server: string;
    /** What a user calls it, and what is to be done if it stays silent. */
    private readonly title: string;
    private readonly fix: string;
    private readonly agent: Agent;
    private readonly signal: AbortSignal;
    private readonly timeout: number;
    /** Set when the server was asked whether it is ready; resolves when it is. */
    private readiness: Promise<void> | undefined;
    private isReady = false;

    constructor(kubeconfig: Kubeconfig, { signal, timeout }: ApiOptions) {
        this.server = kubeconfig.endpoint;
        const { origin } = new URL(kubeconfig.endpoint); // without a login
        this.title = `The Kubernetes API of cluster ${kubeconfig.cluster} (${origin})`;
        this.fix = fixOf(`${kubeconfig.cluster}-control-plane`);
        this.agent = agents.get(kubeconfig) ?? newAgent(kubeconfig);
        agents.set(kubeconfig, this.agent);
        this.signal = signal;
        this.timeout = timeout;
    }

    /** What is at `path`; undefined if the API says that nothing is. */
    async get<T>(path: string): Promise<T | undefined> {
        const text = await this.unlessGone({ method: "GET", path });
        return text === undefined ? undefined : (JSON.parse(text) as T);
    }

    /** Deletes what is at `path`; fine if it is gone. */
    async delete(path: string): Promise<void> {
        await this.unlessGone({ method: "DELETE", path });
    }

    /** Makes an object in the collection at `path`. */
    async post(path: string, object: object): Promise<void> {
        await this.persist({ method: "POST", path, body: JSON.stringify(object) });
    }

    /** Changes the fields of the object at `path` that `patch` mentions (JSON merge patch); fine if it is gone. */
    async patch(path: string, patch: object): Promise<void> {
        await this.unlessGone({ method: "PATCH", path, body: JSON.stringify(patch) });
    }

    /** Runs a program in a pod's only container, with `input` as its standard input, and returns what it printed. */
    async exec(
        namespace: string,
        pod: string,
        command: string[],
        { input, signal, onOutput }: Omit<ExecOptions, "agent">,
    ): Promise<string> {
        const query = new URLSearchParams({ stdin: "true", stdout: "true", stderr: "true" });
        for (const word of command) {
            query.append("command", word);
        }
        const path = `/api/v1/namespaces/${namespace}/pods/${pod}/exec?${query.toString()}`;
        const { inPod } = await import("./podExec.ts");
        return inPod(this.server + path, { agent: this.agent, signal, input, onOutput });
    }

    private async unlessGone(request: Request): Promise<string | undefined> {
        try {
            return await this.persist(request);
        } catch (error) {
            if (error instanceof ApiRefusal && error.status === 404) {
                return undefined;
            }
            throw error;
        }
    }

    /** Tries until there is an answer that stands, or its time is up. */
    private async persist(request: Request): Promise<string> {
        const deadline = performance.now() + this.timeout;
        for (;;) {
            const final = this.isReady || request.path === READINESS;
            const answer = await this.once(request).catch((error: unknown) => error as Error);
            this.signal.throwIfAborted();
            if (!(answer instanceof Error) && answer.status < 300) {
                return answer.text;
            }
            const said = answer instanceof Error ? answer.message : reason(answer);
            const what = `${request.method} ${request.path}: ${said}`;
            if (answer instanceof Error || answer.status >= 500 || answer.status === 429) {
                if (performance.now() > deadline) {
                    const time = `${this.timeout / 1000} s`;
                    throw new ApiSilent(
                        `${this.title} has not answered for ${time}: ${what}\n${this.fix}`,
                    );
                }
                await setTimeout(PAUSE, undefined, { signal: this.signal });
            } else if (final) {
                throw new ApiRefusal(what, answer.status);
            } else {
                await this.ready();
            }
        }
    }

    /**
     * Resolves when the server says that it is ready. Before that it may answer "not found" or "forbidden" to what
     * exists and is allowed; what it gives is true at any time, so that nobody needs to ask before it refuses.
     */
    private async ready(): Promise<void> {
        this.readiness ??= this.persist({ method: "GET", path: READINESS }).then(
            () => {
                this.isReady = true;
            },
            (error: unknown) => {
                this.readiness = undefined;
                throw error;
            },
        );
        await this.readiness;
    }

    private once({ method, path, body }: Request): Promise<Answer> {
        const type = TYPES[method];
        return ask(this.server + path, {
            method,
            body,
            agent: this.agent,
            headers: { accept: "application/json", ...(type && { "content-type": type }) },
            signal: this.signal,
            idleTimeout: IDLE_TIMEOUT,
        });
    }
}

function fixOf(node: string): string {
    return (
        `Fix: look at the container ${node}: does it run, and what do its logs say? If its API never comes back (etcd ` +
        "after a power failure), remove the container: the next `pulumi up` recreates this cluster, and no other."
    );
}

function reason({ status, text }: Answer): string {
    try {
        const { message } = JSON.parse(text) as { message?: string };
        return `${message ?? text} (${status})`;
    } catch {
        return `${text.slice(0, 200)} (${status})`;
    }
}
