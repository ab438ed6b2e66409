import { request, type RequestOptions } from "node:http";
import { LIMITS, run } from "./process.ts";

/** Milliseconds for an engine to answer. */
const PATIENCE = 3_000;

/** Whether a container engine answers at this address, written as in DOCKER_HOST. */
export async function answers(host: string): Promise<boolean> {
    const target = plainTarget(host);
    if (target) return (await get(target, "/_ping")) === 200;
    // ssh:// and TLS are the docker client's business.
    return run("docker", ["version"], {
        env: { DOCKER_HOST: host },
        limit: LIMITS.answer,
    }).then(
        () => true,
        () => false,
    );
}

/** Whether the engine at this address has an image of this name. */
export async function hasImage(host: string, image: string): Promise<boolean> {
    const target = plainTarget(host);
    if (target) return (await get(target, `/images/${encodeURIComponent(image)}/json`)) === 200;
    return run("docker", ["image", "inspect", image], {
        env: { DOCKER_HOST: host },
        limit: LIMITS.answer,
    }).then(
        () => true,
        () => false,
    );
}

function plainTarget(host: string): RequestOptions | undefined {
    if (host.startsWith("unix://")) return { socketPath: host.slice("unix://".length) };
    if (!host.startsWith("tcp://") || process.env["DOCKER_TLS_VERIFY"]) return undefined;
    const { hostname, port } = new URL(host);
    return { host: hostname, port: port || "2375" };
}

function get(target: RequestOptions, path: string): Promise<number | undefined> {
    return new Promise((resolve) => {
        const call = request({ ...target, path, timeout: PATIENCE, agent: false }, (response) => {
            response.resume();
            resolve(response.statusCode);
        });
        call.on("timeout", () => call.destroy());
        call.on("error", () => resolve(undefined));
        call.end();
    });
}
