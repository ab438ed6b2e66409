import assert from "node:assert/strict";
import { startTimes, until } from "../../e2e/world.ts";
import { converged, docker, planOf, reset, succeeded, type Config } from "../converged.ts";
import { faultStack } from "../faultStack.ts";
import { faultClass } from "../ledger.ts";
import { clustersOf, lostPods, podUids } from "../pods.ts";
import type { Drift, Scene } from "./drift.ts";
import { MACHINE } from "./machine.ts";
import { NODES } from "./nodes.ts";
import { OBJECTS } from "./objects.ts";

const config: Config = { clusters: { edge1: { nodes: 2 }, edge2: {} } };
const KINDS = [...NODES, ...OBJECTS, ...MACHINE];

/** Seconds within which an agent heals its node and tells of it. */
const HEALS = 20;

faultClass(
    {
        name: "drift",
        title: "drift by hand: healed by the agent, or named by one preview and healed by one `up`",
        least: KINDS.length,
    },
    (ledger) => {
        const stack = faultStack("f-drift");
        const plan = planOf(stack, config);
        const clusters = clustersOf(stack, plan);
        const scene: Scene = {
            stack,
            node: (name) => `multinet-${stack.name}-${name}`,
            on: (node, script) => docker("exec", scene.node(node), "bash", "-c", script),
            kubectl: (cluster, ...args) => stack.kubectl(cluster, args),
        };
        const start = async () => {
            stack.configure(config);
            succeeded(await stack.command("up", ["--yes", "--skip-preview"]), "npm run up");
        };
        const repair = () =>
            start()
                .then(() => converged(stack, config))
                .catch(() => reset(stack).then(start));

        before(start);

        async function healedByAgent(drift: Drift): Promise<void> {
            const told = await events();
            await drift.make(scene);
            // It is proved by what the agent tells: it may be faster than a look.
            await until(HEALS, async () => (await events()) > told || "no Event");
            await until(HEALS, async () => !(await drift.there(scene)) || "not healed");
        }

        async function healedByUp({ make, there, named, only, spared }: Drift): Promise<void> {
            const pods = await podUids(clusters);
            const started = await startTimes(`multinet-${stack.name}-`);
            await make(scene);
            assert.ok(await there(scene), "the drift is there");
            const changes = (await stack.preview()).filter(
                ({ type }) => !type.startsWith("multinet:components:"),
            );
            const text = changes.map(({ name, diff }) => `${name}: ${diff.join(", ")}`).join("\n");
            assert.match(text, named as RegExp, "the preview names it");
            const others = changes.filter(({ name }) => !only!.test(name));
            assert.deepEqual(others, [], "and nothing else");
            await stack.up();
            assert.ok(!(await there(scene)), "healed");
            succeeded(await stack.command("verify", []), "npm run verify");
            succeeded(
                await stack.pulumi(["up", "--yes", "--skip-preview", "--expect-no-changes"]),
                "the next update",
            );
            assert.deepEqual(lostPods(pods, await podUids(clusters), spared), []);
            const now = await startTimes(`multinet-${stack.name}-`);
            const restarted = Object.keys(started).filter((name) => now[name] !== started[name]);
            const touched = restarted.filter((name) => !text.includes(name.slice(1)));
            assert.deepEqual(touched, [], "no other container was started anew");
        }

        /** How many repairs the agents have told of. */
        async function events(): Promise<number> {
            const all = await Promise.all(
                clusters.map((cluster) =>
                    cluster.list("events", "--field-selector", "reason=RoutesHealed"),
                ),
            );
            return all.flat().length;
        }

        for (const drift of KINDS) {
            it(drift.what, () =>
                ledger.run(
                    drift.what,
                    () => (drift.named === "agent" ? healedByAgent(drift) : healedByUp(drift)),
                    repair,
                ),
            );
        }
    },
);
