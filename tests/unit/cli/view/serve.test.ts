import assert from "node:assert/strict";
import { createServer, get } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { serve } from "../../../../cli/view/serve.ts";

describe("server of a page", () => {
    let stop: AbortController;
    beforeEach(() => (stop = new AbortController()));
    afterEach(() => stop.abort());

    async function started(
        make: () => Promise<string>,
        onFailure: (reason: string) => void = assert.fail,
    ) {
        const ready = Promise.withResolvers<string>();
        const ended = serve(make, {
            port: 0,
            signal: stop.signal,
            onReady: ready.resolve,
            onFailure,
            pause: 10,
        });
        return { address: await Promise.race([ready.promise, ended.then(() => "")]), ended };
    }

    it("is on this machine only, and tells browsers of each newer page", async () => {
        let number = 0;
        const { address, ended } = await started(async () => `page ${++number}`);
        assert.match(address, /^http:\/\/127\.0\.0\.1:\d+\/$/);
        const events = await fetch(new URL("events", address), { signal: stop.signal });
        for await (const chunk of events.body as AsyncIterable<Uint8Array>) {
            assert.match(Buffer.from(chunk).toString(), /^data: newer\n\n/);
            break;
        }
        const page = await (await fetch(address)).text();
        assert.ok(Number(/^page (\d+)$/.exec(page)?.[1]) >= 2, page);
        stop.abort();
        await ended;
        await assert.rejects(fetch(address));
    });

    it("keeps the last page when it cannot be made again, and says why", async () => {
        let number = 0;
        const failed = Promise.withResolvers<string>();
        const make = async () => {
            if (++number > 1) {
                throw new Error("no state");
            }
            return "first";
        };
        const { address } = await started(make, failed.resolve);
        assert.equal(await failed.promise, "no state");
        assert.equal(await (await fetch(address)).text(), "first");
    });

    it("answers no other name, path or method: pages of other sites cannot read it", async () => {
        const { address } = await started(async () => "page");
        const { port } = new URL(address);
        const asked = new Promise<number | undefined>((resolve) =>
            get(address, { headers: { host: `evil.example:${port}` } }, (response) => {
                void text(response).then(() => resolve(response.statusCode));
            }),
        );
        assert.equal(await asked, 403);
        assert.equal((await fetch(new URL("state", address))).status, 404);
        assert.equal((await fetch(address, { method: "POST" })).status, 405);
    });

    it("names the port that is in use, and what to type", async () => {
        const other = createServer();
        await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
        const { port } = other.address() as AddressInfo;
        const options = { port, signal: stop.signal, onReady: () => {}, onFailure: () => {} };
        await assert.rejects(
            serve(async () => "page", options),
            {
                message: `Port ${port} of 127.0.0.1 is in use. Choose another one: npm run view -- --serve PORT`,
            },
        );
        other.close();
    });
});
