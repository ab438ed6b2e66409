import assert from "node:assert/strict";
import { releaseInventory } from "../../../provider/releaseInventory.ts";
import { labReleases } from "../labReleases.ts";

describe("the release inventory", function () {
    this.timeout(10_000);
    const lab = labReleases();

    it("asks for superseded revisions neither, nor twice for a group", async () => {
        await lab.changes();
        assert.ok(
            lab.api.requests.some(
                (request) =>
                    request.includes("status!%3Dsuperseded") ||
                    request.includes("status%21%3Dsuperseded"),
            ),
        );
        assert.equal(new Set(lab.api.requests).size, lab.api.requests.length);
    });

    it("is not compared while the API is silent, as in a refresh after its cluster is gone", async () => {
        lab.cluster.api.stop();
        const hasty = releaseInventory(20, 50);
        const { changes } = await hasty.diff(lab.old(), lab.inputs, lab.call());
        assert.deepEqual(changes, { "not compared": "update" });
        const { repairs } = await hasty.update(lab.old(), lab.inputs, lab.call(true));
        assert.deepEqual(repairs, lab.old().outputs.repairs);
    });

    it("waits for an API that is not ready yet", async () => {
        lab.api.busy = 2;
        assert.deepEqual(await lab.changes(), {});
        assert.deepEqual(new Set(lab.api.requests.slice(0, 3)).size, 1);
        lab.api.requests.length = 0;
        lab.api.starting = 2;
        assert.deepEqual(await lab.changes(), {});
        assert.equal(lab.api.requests.filter((request) => request === "GET /readyz").length, 3);
    });

    it("does not ask whether the API is ready when that gives all that was asked for", async () => {
        await lab.changes();
        assert.ok(!lab.api.requests.includes("GET /readyz"));
        assert.ok(lab.api.connections <= 2);
    });

    it("gives up with an error, not with an empty cluster, when cancelled while it waits", async () => {
        lab.api.busy = 1000;
        const controller = new AbortController();
        const waiting = lab.inventory.diff(lab.old(), lab.inputs, {
            ...lab.call(),
            signal: controller.signal,
        });
        setTimeout(() => {
            controller.abort(new Error("cancelled"));
        }, 50);
        await assert.rejects(waiting, /cancelled|aborted/);
    });
});
