import assert from "node:assert/strict";
import {
    existsSync,
    mkdirSync,
    mkdtempSync,
    readFileSync,
    rmSync,
    symlinkSync,
    writeFileSync,
} from "node:fs";
import { createServer } from "node:http";
import type { Server } from "node:http";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { CommandFailed } from "../../system/process.ts";
import { runtime } from "../../provider/runtime/runtimes.ts";
import type { Container } from "../../provider/runtime/runtime.ts";
import { RuntimeSilent } from "../../provider/runtime/silent.ts";

const ENGINE = join(import.meta.dirname, "fakes/bin/engine");

/** What podman 5 prints for one running kind node, without what is not read. */
const NODE = {
    Id: "f00d",
    Name: "lab-dev-edge1-control-plane",
    State: { Status: "running", Running: true },
    Config: {
        Image: "kindest/node:v1",
        Labels: { "io.x-k8s.kind.cluster": "lab-dev-edge1" },
        Env: ["container=docker"],
    },
    HostConfig: {
        Memory: 4294967296,
        Binds: ["/lib/modules:/lib/modules:ro"],
        Devices: [{ PathOnHost: "/dev/fuse", PathInContainer: "/dev/fuse" }],
        UsernsMode: "",
    },
    NetworkSettings: { Networks: { "lab-dev": { IPAddress: "10.200.0.2" } } },
};
/** docker 28 writes a slash before the name. */
const INSPECTED = { docker: { ...NODE, Name: `/${NODE.Name}` }, podman: NODE };
const NETWORKS = {
    docker: [
        {
            Id: "1",
            Name: "bridge",
            Driver: "bridge",
            Labels: {},
            IPAM: { Config: [{ Subnet: "172.17.0.0/16", Gateway: "172.17.0.1" }] },
        },
        { Id: "2", Name: "host", Driver: "host", Labels: null, IPAM: { Config: null } },
    ],
    podman: [
        {
            id: "1",
            name: "bridge",
            driver: "bridge",
            subnets: [{ subnet: "172.17.0.0/16", gateway: "172.17.0.1" }],
        },
        { id: "2", name: "host", driver: "host", labels: {} },
    ],
};
const LISTED = [
    {
        id: "1",
        name: "bridge",
        driver: "bridge",
        subnets: ["172.17.0.0/16"],
        gateway: "172.17.0.1",
        labels: {},
    },
    { id: "2", name: "host", driver: "host", subnets: [], gateway: undefined, labels: {} },
];
const INFO = {
    docker: { ID: "0f0f", Name: "here" },
    podman: { host: { hostname: "here" }, store: { graphRoot: "/var/lib/containers/storage" } },
};
const IDS = { docker: "0f0f", podman: "here:/var/lib/containers/storage" };
const MISSING = {
    docker: [
        (name: string) => `Error: No such container: ${name}`,
        (name: string) => `error: no such object: ${name}`,
        (name: string) => `Error response from daemon: No such container: ${name}`,
    ],
    podman: [
        (name: string) => `Error: no such container "${name}"`,
        (name: string) => `Error: inspecting object: no such container ${name}`,
    ],
};
const SILENT = {
    docker: [
        "Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?",
        "error during connect: Get http://docker/v1.24: EOF",
        "permission denied while trying to connect to the Docker daemon socket at unix:///var/run/docker.sock",
    ],
    podman: [
        "Cannot connect to Podman. Please verify your connection to the Linux system",
        "Error: unable to connect to Podman socket: dial unix /run/podman/podman.sock: connect: connection refused",
    ],
};

for (const name of ["docker", "podman"] as const) {
    describe(`the ${name} runtime`, () => {
        const { PATH, DOCKER_HOST } = process.env;
        const engine = runtime(name);
        let folder: string;

        beforeEach(() => {
            folder = mkdtempSync(join(tmpdir(), "multinet-runtime-"));
            mkdirSync(join(folder, "bin"));
            symlinkSync(ENGINE, join(folder, "bin", name));
            process.env["PATH"] = [join(folder, "bin"), PATH].join(delimiter);
            process.env["ENGINE_SAYS"] = folder;
            delete process.env["DOCKER_HOST"];
        });
        afterEach(() => {
            process.env["PATH"] = PATH;
            delete process.env["ENGINE_SAYS"];
            if (DOCKER_HOST === undefined) {
                delete process.env["DOCKER_HOST"];
            } else {
                process.env["DOCKER_HOST"] = DOCKER_HOST;
            }
            rmSync(folder, { recursive: true });
        });

        function says(verb: string, out: unknown, err = "", code = err === "" ? 0 : 1) {
            const text = typeof out === "string" ? out : JSON.stringify(out);
            writeFileSync(join(folder, `${verb}.out`), text);
            writeFileSync(join(folder, `${verb}.err`), err);
            writeFileSync(join(folder, `${verb}.code`), String(code));
        }
        const calls = () => {
            const file = join(folder, "calls");
            return existsSync(file) ? readFileSync(file, "utf8").trim().split("\n") : [];
        };
        const node = "lab-dev-edge1-control-plane";
        const container = {
            id: "f00d",
            name: node,
            state: "running",
            binds: [] as string[],
        } as Container;

        it("reads a container", async () => {
            says("inspect", [INSPECTED[name]]);
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
            assert.deepEqual(calls(), [`inspect --type container ${node}`]);
        });

        for (const status of ["exited", "created", "dead", "stopped"]) {
            it(`takes ${status} for stopped`, async () => {
                says("inspect", [{ ...INSPECTED[name], State: { Status: status } }]);
                const [found] = await engine.containers({ names: [node] });
                assert.equal(found?.state, "stopped");
            });
        }

        it("finds containers by label, and asks for nothing when there are none", async () => {
            says("ps", "f00d\n");
            says("inspect", [INSPECTED[name]]);
            assert.equal((await engine.containers({ label: "a=b" })).length, 1);
            says("ps", "");
            assert.deepEqual(await engine.containers({ label: "a=b" }), []);
            assert.deepEqual(calls(), [
                "ps --all --quiet --no-trunc --filter label=a=b",
                "inspect --type container f00d",
                "ps --all --quiet --no-trunc --filter label=a=b",
            ]);
        });

        for (const missing of MISSING[name]) {
            it(`leaves out what is missing: ${missing("x")}`, async () => {
                says("inspect", [INSPECTED[name]], `${missing("x")}\n${missing("y")}\n`);
                assert.equal((await engine.containers({ names: [node, "x", "y"] })).length, 1);
                says("inspect", "[]", missing("x"));
                assert.deepEqual(await engine.containers({ names: ["x"] }), []);
            });
        }

        it("does not take for missing what the engine does not call so", async () => {
            const [missing] = MISSING[name];
            says("inspect", [], missing!("x"));
            await assert.rejects(engine.containers({ names: ["x", "y"] }), CommandFailed);
            says("inspect", "", "Error: something else");
            await assert.rejects(engine.containers({ names: ["x"] }), CommandFailed);
        });

        for (const silence of SILENT[name]) {
            it(`knows silence: ${silence.slice(0, 40)}...`, async () => {
                for (const verb of ["inspect", "ps", "rm", "network-ls", "exec"]) {
                    says(verb, "", silence);
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
                says("exec", "", refused);
                await assert.rejects(engine.exec("x", ["kubectl"]), (error: Error) => {
                    return error instanceof CommandFailed && !(error instanceof RuntimeSilent);
                });
                says("ps", "", refused);
                await assert.rejects(engine.containers({ label: "a=b" }), RuntimeSilent);
            });
        }

        it("lists networks", async () => {
            says("network-ls", "1\n2\n");
            says("network-inspect", NETWORKS[name]);
            assert.deepEqual(await engine.networks(), LISTED);
        });

        it("removes with volumes, and does not mind what is gone already", async () => {
            await engine.remove([]);
            assert.deepEqual(calls(), []);
            await engine.remove([container]);
            const [missing] = MISSING[name];
            says("rm", "", missing!("f00d"));
            says("inspect", "[]", missing!("f00d"));
            await engine.remove([container]);
            const flags = { docker: "", podman: "--time 0 " }[name];
            assert.equal(calls()[0], `rm --force --volumes ${flags}f00d`);
        });

        it("says when a removal failed", async () => {
            says("rm", "", "driver failed to remove root filesystem");
            says("inspect", [INSPECTED[name]]);
            await assert.rejects(engine.remove([container]), /failed to remove root filesystem/);
        });

        it("starts, unpauses, runs, executes and limits", async () => {
            await engine.start(container);
            await engine.start({ ...container, state: "paused" });
            says("run", "0123\n");
            const env = ["HTTPS_PROXY=http://me:hush@proxy", "EMPTY="];
            assert.equal(await engine.run("w", ["--tty", "image"], env), "0123");
            assert.equal(readFileSync(join(folder, "env"), "utf8"), `${env.join("\n")}\n`);
            await engine.exec("w", ["kubeadm", "join"], { input: "x" });
            await engine.setMemory("w", 1024);
            await engine.logs("w");
            assert.deepEqual(calls(), [
                "start f00d",
                "unpause f00d",
                "run --detach --name w --env-file /dev/fd/3 --tty image",
                "exec --interactive w kubeadm join",
                "update --memory=1024 --memory-swap=1024 w",
                "logs --tail=300 w",
            ]);
        });

        it("connects anew what was attached before, and restarts", async () => {
            says("network-disconnect", "", "container f00d is not connected to network lab-dev");
            await engine.connect(container, "lab-dev");
            await engine.restart(container);
            assert.deepEqual(calls(), [
                "network disconnect --force lab-dev f00d",
                "network connect lab-dev f00d",
                "restart f00d",
            ]);
        });

        it("tells which engine it is, and refuses to guess", async () => {
            says("info", INFO[name]);
            const { id, address } = await engine.engine();
            assert.deepEqual([id, address], [IDS[name], "its default address"]);
            if (name === "docker") {
                says("info", { ID: "" });
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

describe("the docker runtime with a socket", () => {
    const { PATH, DOCKER_HOST } = process.env;
    const engine = runtime("docker");
    const node = "lab-dev-edge1-control-plane";
    let folder: string;
    let server: Server;
    let asked: string[];
    /** By path; what is not there is not answered at all. */
    let answers: Record<string, [status: number, body: unknown]>;

    beforeEach(async () => {
        folder = mkdtempSync(join(tmpdir(), "multinet-socket-"));
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
        const socket = join(folder, "engine.sock");
        await new Promise<void>((resolve) => server.listen(socket, resolve));
        process.env["DOCKER_HOST"] = `unix://${socket}`;
        // The program's own answers.
        mkdirSync(join(folder, "bin"));
        symlinkSync(ENGINE, join(folder, "bin/docker"));
        process.env["PATH"] = [join(folder, "bin"), PATH].join(delimiter);
        process.env["ENGINE_SAYS"] = folder;
        writeFileSync(join(folder, "inspect.out"), JSON.stringify([INSPECTED.docker]));
        writeFileSync(join(folder, "network-ls.out"), "1\n");
        writeFileSync(join(folder, "network-inspect.out"), JSON.stringify(NETWORKS.docker));
    });
    afterEach(() => {
        process.env["PATH"] = PATH;
        delete process.env["ENGINE_SAYS"];
        if (DOCKER_HOST === undefined) {
            delete process.env["DOCKER_HOST"];
        } else {
            process.env["DOCKER_HOST"] = DOCKER_HOST;
        }
        server.closeAllConnections();
        server.close();
        rmSync(folder, { recursive: true });
    });

    const started = () => existsSync(join(folder, "calls"));

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
        for (const host of [`unix://${folder}/none.sock`, "tcp://127.0.0.1:1", ""]) {
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
