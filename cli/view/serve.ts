import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout } from "node:timers/promises";

/** Milliseconds between two looks. */
const PAUSE = 3_000;

export interface ServeOptions {
    /** 0 for any that is free. */
    port: number;
    signal: AbortSignal;
    onReady: (address: string) => void;
    /** A later look failed; the last page stays. */
    onFailure: (reason: string) => void;
    pause?: number;
}

/** Serves a page on this machine only, and makes it again and again until the signal. Browsers are told of each. */
export async function serve(
    make: () => Promise<string>,
    { port, signal, onReady, onFailure, pause = PAUSE }: ServeOptions,
): Promise<void> {
    let page = await make();
    const watchers = new Set<ServerResponse>();
    const server = createServer((request, response) => {
        const status = statusOf(request, (server.address() as AddressInfo).port);
        if (status !== 200) {
            response.writeHead(status).end();
        } else if (request.url === "/events") {
            response.writeHead(200, HEADERS.events).flushHeaders();
            watchers.add(response.on("close", () => watchers.delete(response)));
        } else {
            response.writeHead(200, HEADERS.page).end(page);
        }
    });
    await new Promise<void>((resolve, reject) => {
        server.once("error", (error: NodeJS.ErrnoException) => reject(refusal(error, port)));
        server.listen(port, "127.0.0.1", resolve);
    });
    onReady(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
    try {
        for (;;) {
            await setTimeout(pause, undefined, { signal });
            try {
                page = await make();
                watchers.forEach((one) => one.write("data: newer\n\n"));
            } catch (error) {
                signal.throwIfAborted();
                onFailure((error as Error).message);
            }
        }
    } catch (error) {
        if (!signal.aborted) {
            throw error;
        }
    } finally {
        server.close();
        server.closeAllConnections();
    }
}

const COMMON = { "cache-control": "no-store", "x-content-type-options": "nosniff" };
const HEADERS = {
    page: { ...COMMON, "content-type": "text/html; charset=utf-8" },
    events: { ...COMMON, "content-type": "text/event-stream" },
};

/** Another site's page could reach this server under a name of its own that leads here. */
function statusOf({ method, url, headers }: IncomingMessage, port: number): number {
    if (headers.host !== `127.0.0.1:${port}` && headers.host !== `localhost:${port}`) {
        return 403;
    }
    return url !== "/" && url !== "/events" ? 404 : method === "GET" ? 200 : 405;
}

function refusal(error: NodeJS.ErrnoException, port: number): Error {
    return error.code === "EADDRINUSE"
        ? new Error(
              `Port ${port} of 127.0.0.1 is in use. Choose another one: npm run view -- --serve PORT`,
              { cause: error },
          )
        : error;
}
