import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { CommandFailed } from "../../../system/process.ts";
import { runtime } from "../../../provider/runtime/runtimes.ts";
import type { Container } from "../../../provider/runtime/runtime.ts";
import { RuntimeSilent } from "../../../provider/runtime/silent.ts";
import { IDS, INFO, INSPECTED, LISTED, MISSING, NETWORKS, SILENT } from "../engineAnswers.ts";
import { fakeEngine } from "../fakeEngine.ts";

for (const name of ["docker", "podman"] as const) {
    describe(`the ${name} runtime`, () => {
        const engine = runtime(name);
        const fake = fakeEngine(name);
        const node = "lab-dev-edge1-control-plane";
        const container = {
            id: "f00d",
            name: node,
            state: "running",
            binds: [] as string[],
        } as Container;

        it("reads a container", async () => {
            fake.says("inspect", [INSPECTED[name]]);
            assert.deepEqual(await engine.containers({ names: [node] }), [
                {
                    id: "f00d",
                    name: node,
                    image: "kindest/node:v1",
                    state: "running",
                    labels: { "io.x-k8s.kind.cluster": "lab-dev-edge1" },
                    networks: { "lab-dev": "10.200.0.2" },
                    memory: 2 ** 32,
                    env: ["container=docker"],
                    binds: ["/lib/modules:/lib/modules:ro"],
                    devices: ["/dev/fuse"],
                    sysctls: {},
                    userns: "",
                },
            ]);
            assert.deepEqual(fake.calls(), [`inspect --type container ${node}`]);
        });

        for (const status of ["exited", "created", "dead", "stopped"]) {
            it(`takes ${status} for stopped`, async () => {
                fake.says("inspect", [{ ...INSPECTED[name], State: { Status: status } }]);
                const [found] = await engine.containers({ names: [node] });
                assert.equal(found?.state, "stopped");
            });
        }

        it("finds containers by label, and asks for nothing when there are none", async () => {
            fake.says("ps", "f00d\n");
            fake.says("inspect", [INSPECTED[name]]);
            assert.equal((await engine.containers({ label: "a=b" })).length, 1);
            fake.says("ps", "");
            assert.deepEqual(await engine.containers({ label: "a=b" }), []);
            assert.deepEqual(fake.calls(), [
                "ps --all --quiet --no-trunc --filter label=a=b",
                "inspect --type container f00d",
                "ps --all --quiet --no-trunc --filter label=a=b",
            ]);
        });

        for (const missing of MISSING[name]) {
            it(`leaves out what is missing: ${missing("x")}`, async () => {
                fake.says("inspect", [INSPECTED[name]], `${missing("x")}\n${missing("y")}\n`);
                assert.equal((await engine.containers({ names: [node, "x", "y"] })).length, 1);
                fake.says("inspect", "[]", missing("x"));
                assert.deepEqual(await engine.containers({ names: ["x"] }), []);
            });
        }

        it("does not take for missing what the engine does not call so", async () => {
            const [missing] = MISSING[name];
            fake.says("inspect", [], missing!("x"));
            await assert.rejects(engine.containers({ names: ["x", "y"] }), CommandFailed);
            fake.says("inspect", "", "Error: something else");
            await assert.rejects(engine.containers({ names: ["x"] }), CommandFailed);
        });

        for (const silence of SILENT[name]) {
            it(`knows silence: ${silence.slice(0, 40)}...`, async () => {
                for (const verb of ["inspect", "ps", "rm", "network-ls", "exec"]) {
                    fake.says(verb, "", silence);
                }
                for (const attempt of [
                    () => engine.containers({ names: ["x"] }),
                    () => engine.containers({ label: "a=b" }),
                    () => engine.remove([container]),
                    () => engine.networks(),
                    () => engine.exec("x", ["true"]),
                ]) {
                    await assert.rejects(attempt, (error: Error) => {
                        assert.ok(error instanceof RuntimeSilent);
                        assert.match(error.message, /does not answer, so nothing was changed/);
                        return true;
                    });
                }
            });
        }

        for (const refused of [
            "dial tcp 10.0.0.2:6443: connect: connection refused",
            "context deadline exceeded",
            "read udp 127.0.0.1:34265->127.0.0.11:53: i/o timeout",
        ]) {
            it(`knows whose words they are: ${refused.slice(-20)}`, async () => {
                fake.says("exec", "", refused);
                await assert.rejects(engine.exec("x", ["kubectl"]), (error: Error) => {
                    return error instanceof CommandFailed && !(error instanceof RuntimeSilent);
                });
                fake.says("ps", "", refused);
                await assert.rejects(engine.containers({ label: "a=b" }), RuntimeSilent);
            });
        }

        it("lists networks", async () => {
            fake.says("network-ls", "1\n2\n");
            fake.says("network-inspect", NETWORKS[name]);
            assert.deepEqual(await engine.networks(), LISTED);
        });

        it("removes with volumes, and does not mind what is gone already", async () => {
            await engine.remove([]);
            assert.deepEqual(fake.calls(), []);
            await engine.remove([container]);
            const [missing] = MISSING[name];
            fake.says("rm", "", missing!("f00d"));
            fake.says("inspect", "[]", missing!("f00d"));
            await engine.remove([container]);
            const flags = { docker: "", podman: "--time 0 " }[name];
            assert.equal(fake.calls()[0], `rm --force --volumes ${flags}f00d`);
        });

        it("says when a removal failed", async () => {
            fake.says("rm", "", "driver failed to remove root filesystem");
            fake.says("inspect", [INSPECTED[name]]);
            await assert.rejects(engine.remove([container]), /failed to remove root filesystem/);
        });

        it("starts, unpauses, runs, executes and limits", async () => {
            await engine.start(container);
            await engine.start({ ...container, state: "paused" });
            fake.says("run", "0123\n");
            const env = ["HTTPS_PROXY=http://me:hush@proxy", "EMPTY="];
            assert.equal(await engine.run("w", ["--tty", "image"], env), "0123");
            assert.equal(readFileSync(join(fake.folder, "env"), "utf8"), `${env.join("\n")}\n`);
            await engine.exec("w", ["kubeadm", "join"], { input: "x" });
            await engine.setMemory("w", 1024);
            await engine.logs("w");
            assert.deepEqual(fake.calls(), [
                "start f00d",
                "unpause f00d",
                "run --detach --name w --env-file /dev/fd/3 --tty image",
                "exec --interactive w kubeadm join",
                "update --memory=1024 --memory-swap=1024 w",
                "logs --tail=300 w",
            ]);
        });

        it("connects anew what was attached before, and restarts", async () => {
            fake.says(
                "network-disconnect",
                "",
                "container f00d is not connected to network lab-dev",
            );
            await engine.connect(container, "lab-dev");
            await engine.restart(container);
            assert.deepEqual(fake.calls(), [
                "network disconnect --force lab-dev f00d",
                "network connect lab-dev f00d",
                "restart f00d",
            ]);
        });

        it("tells which engine it is, and refuses to guess", async () => {
            fake.says("info", INFO[name]);
            const { id, address } = await engine.engine();
            assert.deepEqual([id, address], [IDS[name], "its default address"]);
            if (name === "docker") {
                fake.says("info", { ID: "" });
                await assert.rejects(engine.engine(), RuntimeSilent);
            }
        });

        it("makes kind use this engine and the network", () => {
            const variable = `KIND_EXPERIMENTAL_${name.toUpperCase()}_NETWORK`;
            assert.deepEqual(engine.kindEnv("lab-dev"), {
                KIND_EXPERIMENTAL_PROVIDER: name,
                [variable]: "lab-dev",
            });
        });
    });
}
