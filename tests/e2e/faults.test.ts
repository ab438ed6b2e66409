import assert from "node:assert/strict";
import { setTimeout } from "node:timers/promises";
import { converges, destroyed, planOf, reset, succeeded } from "../faults/converged.ts";
import { faultStack } from "../faults/faultStack.ts";
import { Operation } from "../faults/kills/operation.ts";
import { PATHS } from "../faults/matrix/paths.ts";
import { PODS } from "../faults/matrix/podKinds.ts";
import { Scene } from "../faults/matrix/scene.ts";
import { Random } from "../faults/random.ts";
import { until } from "./world.ts";

const config = { clusters: { edge1: { nodes: 2 } } };

/** How many faults of the data plane are drawn. */
const DRAWN = 4;

/** A few of what `npm run test:faults` makes. Always the same, so that a red run is not one of chance. */
describe("faults, a few of all", function () {
    this.timeout("8m");
    const stack = faultStack("e2e-faults");
    const random = new Random("representatives", 1);
    const scene = new Scene(stack, planOf(stack, config));

    it("survives a kill of the engine at a random moment", async () => {
        stack.configure(config);
        const operation = new Operation(stack, "up");
        await setTimeout(random.between(1_000, 20_000));
        await operation.kill({ plugins: random.next() < 0.5 });
        await converges(stack, config);
    });

    it("sees faults of the data plane, and names the node", async () => {
        const agents = ["ds", "node-routes", "--namespace", "kube-system"];
        // Nobody heals what is broken here.
        await scene.kubectl("edge1", "delete", ...agents, "--cascade=foreground", "--wait");
        const kinds = [...PATHS, ...PODS];
        for (let n = 0; n < DRAWN; n++) {
            const [kind] = kinds.splice(random.integer(0, kinds.length - 1), 1);
            const at = random.pick(scene.places);
            const { undo, named = at.node } = await kind!.make(scene, at, random);
            const { code, output } = await stack.command("verify", []);
            await undo();
            assert.equal(code, 1, `${kind!.what} on ${at.node}:\n${output}`);
            assert.ok(output.includes(named), `${kind!.what}: ${named} is not named:\n${output}`);
            await until(40, async () => {
                const { code, output } = await stack.command("verify", []);
                return code === 0 || output;
            });
        }
    });

    it("brings the agents back in one update that names them", async () => {
        const named = (await stack.preview()).flatMap(({ diff }) => diff).join(" ");
        assert.match(named, /DaemonSet/);
        await converges(stack, config);
    });

    it("goes without a trace", async () => {
        await destroyed(stack).catch(async (error: unknown) => {
            await reset(stack);
            throw error;
        });
        succeeded(await stack.command("remove", ["--yes"]), "npm run remove");
    });
});
