import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { ask, IdleTimeout } from "../../provider/http.ts";

describe("a question to an HTTP server", () => {
    let answer: (response: ServerResponse) => void;
    const server = createServer((_request, response) => {
        answer(response);
    });
    let url: string;

    before(async () => {
        await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
        url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    });
    after(() => {
        server.closeAllConnections();
        server.close();
    });

    it("ends when there is no answer", async () => {
        answer = () => undefined;
        await assert.rejects(ask(url, { idleTimeout: 50 }), IdleTimeout);
    });

    it("ends when the answer comes drop by drop, without end", async () => {
        answer = (response) => {
            const drops = setInterval(() => response.write("."), 5);
            response.on("close", () => {
                clearInterval(drops);
            });
        };
        await assert.rejects(ask(url, { idleTimeout: 400 }), /not done for 1\.6 s/);
    });

    it("ends when whoever asks leaves, or has left already", async () => {
        const controller = new AbortController();
        answer = () => {
            controller.abort();
        };
        await assert.rejects(
            ask(url, { idleTimeout: 5_000, signal: controller.signal }),
            /cancelled/,
        );
        answer = () => assert.fail("nobody asks any more");
        await assert.rejects(
            ask(url, { idleTimeout: 5_000, signal: controller.signal }),
            /cancelled/,
        );
    });

    it("ends with the whole answer", async () => {
        answer = (response) => response.writeHead(418).end("short and stout");
        const found = await ask(url, { idleTimeout: 5_000 });
        assert.deepEqual(found, { status: 418, text: "short and stout" });
    });
});
