import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { Server } from "node:http";
import { join } from "node:path";
import { runtime } from "../../../provider/runtime/runtimes.ts";
import { RuntimeSilent } from "../../../provider/runtime/silent.ts";
import { INFO, INSPECTED, LISTED, NETWORKS } from "../engineAnswers.ts";
import { fakeEngine } from "../fakeEngine.ts";

describe("the docker runtime with a socket", () => {
    const engine = runtime("docker");
    const fake = fakeEngine("docker");
    const node = "lab-dev-edge1-control-plane";
    let server: Server;
    let asked: string[];
    /** By path; what is not there is not answered at all. */
    let answers: Record<string, [status: number, body: unknown]>;

    beforeEach(async () => {
        asked = [];
        answers = {
            [`/containers/${node}/json`]: [200, INSPECTED.docker],
            "/containers/x/json": [404, { message: "No such container: x" }],
            "/networks": [200, NETWORKS.docker],
            "/info": [200, INFO.docker],
        };
        server = createServer(({ url = "" }, response) => {
            asked.push(url);
            const answer = answers[url];
            if (answer) {
                response.writeHead(answer[0]).end(JSON.stringify(answer[1]));
            }
        });
        const socket = join(fake.folder, "engine.sock");
        await new Promise<void>((resolve) => server.listen(socket, resolve));
        process.env["DOCKER_HOST"] = `unix://${socket}`;
        // The program's own answers.
        fake.says("inspect", [INSPECTED.docker]);
        fake.says("network-ls", "1\n");
        fake.says("network-inspect", NETWORKS.docker);
    });
    afterEach(() => {
        server.closeAllConnections();
        server.close();
    });

    const started = () => fake.calls().length > 0;

    it("reads there what its program would print, and does not start that", async () => {
        const found = await engine.containers({ names: [node, "x"] });
        assert.deepEqual(
            found.map(({ name, networks }) => [name, networks]),
            [[node, { "lab-dev": "10.200.0.2" }]],
        );
        assert.deepEqual(await engine.networks(), LISTED);
        assert.deepEqual(await engine.engine(), {
            id: "0f0f",
            address: `DOCKER_HOST=${process.env["DOCKER_HOST"] ?? ""}`,
        });
        assert.deepEqual(asked, [
            `/containers/${node}/json`,
            "/containers/x/json",
            "/networks",
            "/info",
        ]);
        assert.ok(!started());
    });

    for (const [what, status, message] of [
        ["an error", 500, "something is wrong"],
        ["a 404 that is not about the container", 404, "page not found"],
    ] as const) {
        it(`leaves ${what} to its program`, async () => {
            answers[`/containers/${node}/json`] = [status, { message }];
            answers["/networks"] = [status, { message }];
            assert.equal((await engine.containers({ names: [node] })).length, 1);
            assert.equal((await engine.networks()).length, 2);
            assert.ok(started());
        });
    }

    it("leaves a socket that is not there, and any other address, to its program", async () => {
        for (const host of [`unix://${fake.folder}/none.sock`, "tcp://127.0.0.1:1", ""]) {
            process.env["DOCKER_HOST"] = host;
            assert.equal((await engine.containers({ names: [node] })).length, 1);
        }
        assert.deepEqual(asked, []);
    });

    it("knows silence, and nothing is gone then", async () => {
        answers = {};
        await assert.rejects(engine.containers({ names: [node] }, { timeout: 50 }), RuntimeSilent);
        assert.ok(!started());
    });

    it("stops to wait when it is cancelled", async () => {
        answers = {};
        const controller = new AbortController();
        const waiting = engine.containers({ names: [node] }, { signal: controller.signal });
        setTimeout(() => {
            controller.abort(new Error("cancelled"));
        }, 20);
        await assert.rejects(waiting, /cancelled/);
        assert.ok(!started());
    });
});
