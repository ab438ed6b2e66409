import { request, type RequestOptions } from "node:http";
import { text } from "node:stream/consumers";
import { run } from "./process.ts";

/** Where the engine of the machine listens. */
export const DEFAULT_SOCKET = "unix:///var/run/docker.sock";

/** Milliseconds for an engine to answer. Where none listens, that is known at once. */
const TIMEOUT = 30_000;

/** `silent`: something listens there, but did not answer in time. `denied`: this user may not ask it. */
export type Answer = "answers" | "silent" | "denied" | "absent";

/** Asks whether a container engine answers at this address, written as in DOCKER_HOST. */
export async function ask(host: string, timeout = TIMEOUT): Promise<Answer> {
    const target = plainTarget(host);
    if (!target) {
        // ssh:// and TLS are the docker client's business.
        const found = await client(host, ["version"], timeout);
        return found ? "answers" : "absent";
    }
    const limit = AbortSignal.timeout(timeout);
    try {
        const { status } = await get(target, "/_ping", limit);
        return status === 200 ? "answers" : "absent";
    } catch (error) {
        const { code = "" } = error as NodeJS.ErrnoException;
        const refusal = ["EACCES", "EPERM"].includes(code) ? "denied" : "absent";
        return limit.aborted ? "silent" : refusal;
    }
}

export async function answers(host: string, timeout = TIMEOUT): Promise<boolean> {
    return (await ask(host, timeout)) === "answers";
}

/** Whether the engine at this address has an image of this name. */
export async function hasImage(host: string, image: string): Promise<boolean> {
    const target = plainTarget(host);
    if (!target) {
        return client(host, ["image", "inspect", image], TIMEOUT);
    }
    const path = `/images/${encodeURIComponent(image)}/json`;
    return get(target, path, AbortSignal.timeout(TIMEOUT)).then(
        ({ status }) => status === 200,
        () => false,
    );
}

/** What the engine says to a GET, as an object; undefined where only the docker client can ask it. */
export async function query<T>(host: string, path: string): Promise<T | undefined> {
    const target = plainTarget(host);
    if (!target) {
        return undefined;
    }
    const limit = AbortSignal.timeout(TIMEOUT);
    const { status, body } = await get(target, path, limit).catch((error: Error) => {
        const why = limit.aborted ? `no answer in ${TIMEOUT / 1000} s` : error.message;
        throw new Error(
            `The container engine at ${host} could not be asked what it holds: ${why}.`,
        );
    });
    if (status !== 200) {
        throw new Error(
            `The container engine at ${host} answers ${path} with ${status}: ${body.trim()}`,
        );
    }
    return JSON.parse(body) as T;
}

/** What an engine says of itself; Podman says the same of these. */
export interface EngineInfo {
    /** Host name of the machine, or container, that it runs in. */
    Name: string;
    KernelVersion: string;
    /** `Docker Desktop`, or the name of a distribution. */
    OperatingSystem: string;
    /** Where it keeps its data. */
    DockerRootDir: string;
    /** Memory of its machine, in bytes. */
    MemTotal: number;
}

/** Undefined where only the docker client can ask the engine, or where it does not say. */
export function engineInfo(host: string): Promise<EngineInfo | undefined> {
    return query<EngineInfo>(host, "/info").catch(() => undefined);
}

/** Whether there are containers of this image, running or not. */
export async function hasContainers(host: string, image: string): Promise<boolean> {
    const args = ["ps", "--all", "--quiet", "--filter", `ancestor=${image}`];
    const options = { env: { DOCKER_HOST: host }, limit: TIMEOUT };
    return (await run("docker", args, options)).trim() !== "";
}

function plainTarget(host: string): RequestOptions | undefined {
    if (host.startsWith("unix://")) {
        return { socketPath: host.slice("unix://".length) };
    }
    if (!host.startsWith("tcp://") || process.env["DOCKER_TLS_VERIFY"]) {
        return undefined;
    }
    const { hostname, port } = new URL(host);
    return { host: hostname, port: port || "2375" };
}

/** Whether the docker client gets an answer from that engine. */
function client(host: string, args: string[], timeout: number): Promise<boolean> {
    return run("docker", args, { env: { DOCKER_HOST: host }, limit: timeout }).then(
        () => true,
        () => false,
    );
}

interface Response {
    status: number | undefined;
    body: string;
}

/** The limit holds for the whole answer. */
function get(target: RequestOptions, path: string, limit: AbortSignal): Promise<Response> {
    return new Promise((resolve, reject) => {
        const call = request({ ...target, path, signal: limit, agent: false }, (response) => {
            text(response).then((body) => resolve({ status: response.statusCode, body }), reject);
        });
        call.on("error", reject);
        call.end();
    });
}
