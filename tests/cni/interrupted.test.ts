import assert from "node:assert/strict";
import { killWhen } from "../e2e/kill.ts";
import { Cluster } from "./cluster.ts";
import { full } from "./full.ts";
import { greenCells } from "./matrix.ts";
import { ownStack } from "./ownStack.ts";
import { CLUSTER, withCluster } from "./scenario.ts";

full("an update that is killed while Cilium is being installed", function () {
    this.timeout("20m");
    const stack = ownStack("cni-killed");
    const cluster = new Cluster(stack, CLUSTER);

    const revisions = (status: string) =>
        cluster.kubectl(
            ...["get", "secrets", "--all-namespaces", "--output", "name"],
            ...["--selector", `owner=helm,name=cilium,status=${status}`],
        );

    it("converges with the next `npm run up`", async () => {
        stack.configure(withCluster({ nodes: 2 }));
        await killWhen(
            stack,
            async () =>
                (await revisions("pending-install")) !== "" || "Cilium is not being installed",
            { seconds: 600, plugins: true },
        );
        assert.notEqual(await revisions("pending-install"), "", "it was left unfinished");
        const { code, output } = await stack.command("up", []);
        assert.equal(code, 0, output);
        assert.equal(await revisions("pending-install"), "");
        assert.notEqual(await revisions("deployed"), "");
        await greenCells(stack);
        await stack.up("--expect-no-changes");
    });
});
