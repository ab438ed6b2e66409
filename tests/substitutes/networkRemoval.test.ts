import assert from "node:assert/strict";
import { CommandFailed } from "../../system/process.ts";
import type { Inspected } from "../../source-builds/substitutes/docker/networkShape.ts";
import { removeNetwork } from "../../source-builds/substitutes/docker/networkRemoval.ts";

describe("the removal of a container network", () => {
    const network = { id: "n1", name: "lab-dev" };

    /** An engine on whose network there are these containers, and at each next look those. */
    function engine(...looks: string[][]) {
        let removals = 0;
        const lines: string[] = [];
        const left = (index: number) => looks[Math.min(index, looks.length - 1)]!;
        const failed = (stderr: string) =>
            new CommandFailed(stderr, { code: 1, stdout: "", stderr });
        const docker = {
            run: () =>
                left(removals++).length > 0
                    ? Promise.reject(failed("error: network n1 has active endpoints"))
                    : Promise.resolve("n1"),
            network: () => {
                const entries = left(removals - 1).map((Name) => [Name, { Name }] as const);
                return Promise.resolve({ Containers: Object.fromEntries(entries) } as Inspected);
            },
        };
        const { signal } = new AbortController();
        const log = (_: string, line: string) => void lines.push(line);
        return { docker, call: { signal, log }, lines, removals: () => removals };
    }

    it("waits for containers to leave, and says once for which", async () => {
        const { docker, call, lines, removals } = engine(["node2", "mine"], ["node2", "mine"], []);
        await removeNetwork(docker, network, call);
        assert.equal(removals(), 3);
        assert.deepEqual(lines, ["waiting for containers to leave lab-dev: mine, node2"]);
    });

    it("names those that stay, with what to do about them", async () => {
        const { docker, call } = engine(["mine"]);
        await assert.rejects(
            removeNetwork(docker, network, call, -1),
            /still on it: mine\. .*docker network disconnect lab-dev CONTAINER\. .*npm run remove/,
        );
    });

    it("fails at once where waiting would not help", async () => {
        const { call } = engine([]);
        const docker = {
            run: () => Promise.reject(new Error("Cannot connect")),
            network: () => Promise.reject(new Error("Cannot connect")),
        };
        await assert.rejects(
            removeNetwork(docker, network, call),
            /cannot delete docker network lab-dev: Cannot connect/,
        );
    });
});
