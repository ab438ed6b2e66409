import assert from "node:assert/strict";
import { until } from "../../e2e/world.ts";
import { planOf, reset, succeeded, tail, type Config } from "../converged.ts";
import { faultStack } from "../faultStack.ts";
import { faultClass } from "../ledger.ts";
import { Random } from "../random.ts";
import { PATHS } from "./paths.ts";
import { PODS } from "./podKinds.ts";
import { Scene } from "./scene.ts";

const config: Config = { clusters: { edge1: { nodes: 2 }, edge2: {} } };

/** Seconds within which all is green again when a fault was undone. */
const SETTLES = 40;

faultClass(
    {
        name: "matrix-catches",
        title: "faults of the data plane that `npm run verify` must find, and name the node",
        least: 40,
    },
    (ledger) => {
        const stack = faultStack("f-matrix");
        const start = async () => {
            stack.configure(config);
            succeeded(await stack.command("up", ["--yes", "--skip-preview"]), "npm run up");
        };
        const scene = new Scene(stack, planOf(stack, config));
        const clusters = [...new Set(scene.places.map(({ cluster }) => cluster))];

        /** Nobody heals what is broken here. */
        async function withoutAgents(): Promise<void> {
            for (const cluster of clusters) {
                const args = ["ds", "node-routes", "--namespace", "kube-system"];
                await scene.kubectl(cluster, "delete", ...args, "--ignore-not-found");
                const pods = ["--selector", "app.kubernetes.io/name=node-routes"];
                const wait = ["wait", "--for=delete", "pods", ...pods, "--timeout=60s"];
                await scene.kubectl(cluster, ...wait, "--namespace", "kube-system");
            }
        }
        before(() => start().then(withoutAgents));

        const green = async () => {
            const { code, output } = await stack.command("verify", []);
            return code === 0 || output;
        };
        const repair = async () => {
            await start().catch(() => reset(stack).then(start));
            await until(SETTLES, green);
            await withoutAgents();
        };

        const random = new Random("the nodes");
        for (const kind of [...PATHS, ...PODS]) {
            const places = kind.on === "all" ? scene.places : [random.pick(scene.places)];
            for (const at of places) {
                const fault = `${kind.what}, on ${at.node.slice(`multinet-${stack.name}-`.length)}`;
                it(fault, () =>
                    ledger.run(
                        fault,
                        async (random) => {
                            const { undo, named = at.node } = await kind.make(scene, at, random);
                            const { code, output } = await stack.command("verify", []);
                            await undo();
                            assert.equal(code, 1, `it is not seen:\n${tail(output)}`);
                            assert.ok(output.includes(named), `${named} is not named:\n${output}`);
                            await until(SETTLES, green);
                        },
                        repair,
                    ),
                );
            }
        }
    },
);
