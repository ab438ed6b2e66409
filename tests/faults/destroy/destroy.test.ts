import assert from "node:assert/strict";
import { rmSync } from "node:fs";
import { setTimeout } from "node:timers/promises";
import { world } from "../../e2e/world.ts";
import { docker, reset, succeeded, type Config } from "../converged.ts";
import { stopEngine } from "../engine.ts";
import { faultStack } from "../faultStack.ts";
import { Operation } from "../kills/operation.ts";
import { faultClass } from "../ledger.ts";

const config: Config = { clusters: { edge1: {}, edge2: {} } };

/** Things of somebody else whose names are nearly those of this stack's. */
const NAME = "multinet-f-destroy";
const FOREIGN = {
    containers: {
        [`${NAME}-edge1-control-plane2`]: [
            "--label",
            "io.x-k8s.kind.cluster=multinet-f-destroy-edge11",
        ],
        [`${NAME}2-edge1-control-plane`]: ["--label", `io.x-k8s.kind.cluster=${NAME}2-edge1`],
        [`${NAME}-edge1`]: [],
        [`x${NAME}-edge1-control-plane`]: ["--label", "multinet.dev/stack=f-destroy2"],
    },
    networks: [`${NAME}2`, `x${NAME}`, `${NAME}-edge1`],
    volumes: [`${NAME}`, `${NAME}-edge1-control-plane`],
};

faultClass(
    {
        name: "destroy",
        title: "`pulumi destroy` in every state of a stack, with things of others beside it: the world is as before",
        least: 9,
    },
    (ledger) => {
        const stack = faultStack("f-destroy");
        let image = "";

        before(async () => {
            stack.configure(config);
            const labels = await docker("images", "--format", "{{.Repository}}:{{.Tag}}");
            image = labels.split("\n")[0]!;
            for (const [index, network] of FOREIGN.networks.entries()) {
                await docker("network", "create", "--subnet", `198.19.${index}.0/24`, network);
            }
            for (const volume of FOREIGN.volumes) {
                await docker("volume", "create", volume);
            }
            for (const [name, labels] of Object.entries(FOREIGN.containers)) {
                const command = ["--entrypoint", "sleep", image, "infinity"];
                await docker("run", "--detach", "--name", name, ...labels, ...command);
            }
        });
        after(async () => {
            const containers = Object.keys(FOREIGN.containers);
            await docker("rm", "--force", ...containers).catch(() => undefined);
            await docker("network", "rm", ...FOREIGN.networks).catch(() => undefined);
            await docker("volume", "rm", ...FOREIGN.volumes).catch(() => undefined);
        });

        /** What is done to a stack that is up, or to one that is not, before it is destroyed. */
        function destroy(fault: string, make: () => Promise<unknown>, { up = true } = {}): void {
            it(fault, () =>
                ledger.run(
                    fault,
                    async () => {
                        const before = await lasting();
                        if (up) {
                            await stack.up();
                        }
                        await make();
                        succeeded(await destruction(), "pulumi destroy");
                        assert.deepEqual(await lasting(), before);
                    },
                    () => reset(stack),
                ),
            );
        }

        /** The world, without what comes and goes with other containers that run, and with the engine. */
        async function lasting() {
            const now = await world(stack.kubeconfigs);
            const links = now.links.filter((link) => !link?.startsWith("veth"));
            const routes = now.routes.filter((route) => !/ dev (veth|docker0)|::/.test(route));
            // The engine's default network is another one after each of its starts.
            const networks = now.networks.filter((network) => !network.endsWith(" bridge"));
            return { ...now, links, networks, routes };
        }

        const destruction = () => stack.pulumi(["destroy", "--yes", "--skip-preview"]);

        const nodes = () => ["edge1", "edge2"].map((name) => `${NAME}-${name}-control-plane`);

        destroy("of a stack that is well", async () => undefined);

        destroy("of nothing", async () => undefined, { up: false });

        destroy("twice", destruction);

        destroy("of a stack whose clusters are gone", () =>
            docker("rm", "--force", "--volumes", ...nodes()),
        );

        destroy("of a stack whose clusters and network are gone", async () => {
            await docker("rm", "--force", "--volumes", ...nodes());
            await docker("network", "rm", NAME);
        });

        destroy("of a stack with a stopped and a paused node", async () => {
            await docker("stop", nodes()[0]!);
            await docker("pause", nodes()[1]!);
        });

        for (const [seconds, state] of [
            [4, "its nodes boot"],
            [14, "its releases are installed"],
        ] as const) {
            destroy(
                `of a half-built stack, killed while ${state}`,
                async () => {
                    const operation = new Operation(stack, "up");
                    await operation.untilBegun(({ urn }) => urn.endsWith("::edge1-kind"));
                    await setTimeout(seconds * 1000);
                    await operation.kill({ plugins: true });
                    succeeded(await stack.command("recover", ["--only"]), "recover");
                },
                { up: false },
            );
        }

        destroy("after one that was killed", async () => {
            const operation = new Operation(stack, "destroy");
            await operation.untilBegun(({ op, type }) => op === "delete" && type.includes("Kind"));
            await operation.kill({ plugins: true });
            succeeded(await stack.command("recover", ["--only"]), "recover");
        });

        destroy("of a stack whose kubeconfig files are gone", async () =>
            rmSync(stack.kubeconfigs, { recursive: true, force: true }),
        );

        destroy("after the container engine was restarted", async () => {
            await stopEngine();
            succeeded(await stack.command("env", []), "npm run env");
            await docker("start", ...Object.keys(FOREIGN.containers));
        });
    },
);
