import assert from "node:assert/strict";
import { setTimeout } from "node:timers/promises";
import { until } from "../../e2e/world.ts";
import { converges, docker, planOf, reset, succeeded, type Config } from "../converged.ts";
import { ownEngine, stopEngine } from "../engine.ts";
import { faultStack } from "../faultStack.ts";
import { faultClass } from "../ledger.ts";

const config: Config = { clusters: { edge1: { nodes: 2 }, edge2: {} } };

/** Seconds within which the data plane is green again without a command. */
const HEALS = 60;

/** How many cases must get well by themselves; one `up` heals the rest. */
const BY_ITSELF = 10;

const MANIFEST = "/etc/kubernetes/manifests/kube-apiserver.yaml";

faultClass(
    {
        name: "restarts",
        title: `restarts and outages: ${BY_ITSELF} or more get well within ${HEALS} s without a command, the rest by one \`up\``,
        least: 14,
    },
    (ledger) => {
        const stack = faultStack("f-restarts");
        const names = planOf(stack, config).clusters.flatMap(({ nodes }) =>
            nodes.map(({ name }) => name),
        );
        const [first = "", worker = "", second = ""] = names;
        const on = (node: string, script: string) => docker("exec", node, "bash", "-c", script);
        const started = (node: string) => docker("inspect", "-f", "{{.State.StartedAt}}", node);
        let byThemselves = 0;
        let healing = 0;

        const start = async () => {
            stack.configure(config);
            await converges(stack, config);
        };
        before(start);

        /** What is done, and `proof` of it; from its end on the time is taken. */
        function restart(
            fault: string,
            make: () => Promise<unknown>,
            proof: () => Promise<string> = () => started(second),
        ): void {
            it(fault, () =>
                ledger.run(
                    fault,
                    async () => {
                        healing++;
                        const before = await proof();
                        await make();
                        assert.notEqual(await proof(), before, "it happened");
                        const begin = performance.now();
                        try {
                            await until(HEALS, async () => {
                                const { code, output } = await stack.command("verify", []);
                                return code === 0 || output;
                            });
                            byThemselves++;
                            const seconds = (performance.now() - begin) / 1000;
                            return `by itself within ${Math.ceil(seconds)} s`;
                        } catch {
                            await converges(stack, config);
                            return "by one `up`";
                        } finally {
                            // What comes next begins with a stack that is well.
                            await stack.pulumi(["up", "--yes", "--skip-preview"]);
                        }
                    },
                    () => start().catch(() => reset(stack).then(start)),
                ),
            );
        }

        for (const node of names) {
            restart(
                `${node.slice(`multinet-${stack.name}-`.length)} restarted`,
                () => docker("restart", node),
                () => started(node),
            );
        }

        restart("all nodes restarted at once", () => docker("restart", ...names));

        restart(
            "all nodes stopped, started in reverse order: their addresses are swapped",
            async () => {
                await docker("stop", ...names);
                for (const name of names.toReversed()) {
                    await docker("start", name);
                }
            },
            () =>
                docker(
                    "inspect",
                    "-f",
                    "{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}",
                    first,
                    second,
                ),
        );

        restart("a node killed and started", async () => {
            await docker("kill", second);
            await docker("start", second);
        });

        restart(
            "a node paused for 20 s",
            async () => {
                await docker("pause", worker);
                await setTimeout(20_000);
                await docker("unpause", worker);
            },
            () => events("pause", worker),
        );

        restart(
            "a node paused",
            () => docker("pause", worker),
            () => docker("inspect", "-f", "{{.State.Status}}", worker),
        );

        restart(
            "a node stopped",
            () => docker("stop", second),
            () => docker("inspect", "-f", "{{.State.Status}}", second),
        );

        restart(
            "the disk of a node's CNI state full for a while",
            async () => {
                const fill =
                    "mount -t tmpfs -o size=64k full /var/lib/cni && ! cat /dev/zero >/var/lib/cni/fill";
                await on(second, `mkdir -p /var/lib/cni && ${fill} 2>/dev/null`);
                await stack.kubectl("edge2", ["delete", "pods", "--all", "--wait=false"]);
                await until(60, async () => {
                    const said = await stack.kubectl("edge2", ["get", "events", "-o", "json"]);
                    return said.includes("no space left on device") || "no pod met the full disk";
                });
                await on(second, "umount /var/lib/cni");
            },
            async () =>
                stack.kubectl("edge2", ["get", "pods", "-o", "jsonpath={.items[*].metadata.uid}"]),
        );

        restart(
            "an API server down for a minute",
            async () => {
                await on(first, `mv ${MANIFEST} /root/`);
                await until(30, () =>
                    stack.kubectl("edge1", ["get", "--raw", "/readyz"], { seconds: 5 }).then(
                        () => "it still answers",
                        () => true as const,
                    ),
                );
                await setTimeout(60_000);
                await on(first, `mv /root/kube-apiserver.yaml ${MANIFEST}`);
            },
            () => processOf(first, "kube-apiserver"),
        );

        for (const service of ["kubelet", "containerd"]) {
            restart(
                `${service} of a node restarted`,
                () => on(second, `systemctl restart ${service}`),
                () => on(second, `systemctl show --property MainPID ${service}`),
            );
        }

        restart(
            "containerd of a node killed",
            () => on(worker, "systemctl kill --signal KILL containerd; sleep 2"),
            () => on(worker, "systemctl show --property MainPID containerd"),
        );

        restart(
            "the container engine restarted",
            async () => {
                await stopEngine();
                succeeded(await stack.command("env", []), "npm run env");
            },
            async () => String(ownEngine()),
        );

        it(`get well by themselves in at least ${BY_ITSELF} cases`, function () {
            if (healing < 14) {
                this.skip();
            }
            ledger.note(
                `${byThemselves} of ${healing} got well by themselves`,
                byThemselves >= BY_ITSELF,
                "",
            );
        });

        /** How often something was done with a container. */
        async function events(what: string, node: string): Promise<string> {
            const now = String(Math.ceil(Date.now() / 1000));
            const filter = ["--filter", `container=${node}`, "--filter", `event=${what}`];
            return docker("events", "--since", "1h", "--until", now, ...filter);
        }

        async function processOf(node: string, name: string): Promise<string> {
            return on(node, `pgrep -o ${name} || echo none`);
        }
    },
);
