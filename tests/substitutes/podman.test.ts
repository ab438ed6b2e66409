import assert from "node:assert/strict";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import type { Call } from "../../provider/resource.ts";
import { engineProgram } from "../../system/engineProgram.ts";
import { DockerCli, saysAbsent } from "../../source-builds/substitutes/docker/cli.ts";
import { network } from "../../source-builds/substitutes/docker/network.ts";
import { removeNetwork } from "../../source-builds/substitutes/docker/networkRemoval.ts";
import { networkForm } from "../../source-builds/substitutes/docker/podmanForms.ts";
import { remoteImage } from "../../source-builds/substitutes/docker/remoteImage.ts";
import { CommandFailed } from "../../system/process.ts";
import { answerOf, recorded } from "../fixtures/podman.ts";

/** As the program `podman` prints the network of network.json, which is in the form of its server for docker. */
const PRINTED = {
    name: "multinet-dev",
    id: "419e6f4f0c55ca314252af1c556b555b4d59f8c5bf9e558dd6d65b524d4db2d3",
    driver: "bridge",
    network_interface: "podman1",
    created: "2026-11-25T16:58:56.467586566Z",
    subnets: [{ subnet: "10.206.152.0/22", gateway: "10.206.152.1" }],
    ipv6_enabled: false,
    internal: false,
    dns_enabled: true,
    labels: { "multinet.dev/project": "multinet", "multinet.dev/stack": "dev" },
    ipam_options: { driver: "host-local" },
};

const INPUTS = {
    name: "multinet-dev",
    driver: "bridge",
    ipamConfigs: [{ subnet: "10.206.152.0/22", gateway: "10.206.152.1" }],
};

describe("what Podman says to the substitute for docker", () => {
    const failed = (command: string) => new CommandFailed("", { ...answerOf(command) });
    const { signal } = new AbortController();

    for (const command of [
        "docker network inspect -- nosuch",
        "docker network rm -- nosuch",
        "docker image inspect -- nosuch",
        "podman network inspect -- nosuch",
        "podman network rm -- nosuch",
    ]) {
        it(`is known to mean that nothing is there: ${command}`, () => {
            assert.ok(saysAbsent(failed(command)));
        });
    }

    for (const command of [
        "docker network rm -- multinet-dev",
        "podman network rm -- multinet-dev",
    ]) {
        it(`is known to mean that containers are on the network: ${command}`, async () => {
            assert.ok(!saysAbsent(failed(command)));
            const answers = [failed(command), undefined];
            const docker = {
                run: async () => {
                    const answer = answers.shift();
                    if (answer) {
                        throw answer;
                    }
                    return "";
                },
                network: async () =>
                    networkForm({ ...PRINTED, containers: { a: { name: "node" } } }),
            };
            const lines: string[] = [];
            const log = (_: string, line: string) => void lines.push(line);
            await removeNetwork(docker, { id: "1", name: "multinet-dev" }, { signal, log });
            assert.deepEqual(lines, ["waiting for containers to leave multinet-dev: node"]);
            assert.deepEqual(answers, []);
        });
    }

    it("is the same of a network, whichever way it is asked", () => {
        const { Containers, Created, ConfigFrom, ConfigOnly, ...server } = JSON.parse(
            recorded("network.json"),
        ) as Record<string, unknown>;
        assert.ok(Containers && Created && ConfigFrom && ConfigOnly === false);
        const { Containers: none, ...program } = networkForm(PRINTED);
        assert.deepEqual(none, {});
        assert.deepEqual(program, server);
    });
});

describe("a machine with Podman only", () => {
    const { PATH } = process.env;
    let folder: string;
    const call = { signal: new AbortController().signal, preview: false, log: () => undefined };

    beforeEach(() => {
        folder = mkdtempSync(join(tmpdir(), "multinet-podman-only-"));
        mkdirSync(join(folder, "bin"));
        process.env["PATH"] = join(folder, "bin");
    });
    afterEach(() => {
        process.env["PATH"] = PATH;
        rmSync(folder, { recursive: true });
    });

    /** A program that answers by its first words. */
    function program(name: string, answers: Record<string, string>) {
        const cases = Object.entries(answers).map(
            ([words, text], i) => (
                writeFileSync(join(folder, `${i}`), text),
                `"${words}"*) cat "${folder}/${i}" ;;`
            ),
        );
        const lines = [
            "#!/bin/sh",
            `PATH=${PATH?.split(delimiter).join(delimiter)}`,
            `echo "$*" >>"${folder}/calls"`,
            `case "$*" in`,
            ...cases,
            "*) exit 1 ;;",
            "esac",
        ];
        writeFileSync(join(folder, "bin", name), `${lines.join("\n")}\n`);
        chmodSync(join(folder, "bin", name), 0o755);
    }
    const calls = () => readFileSync(join(folder, "calls"), "utf8").trim().split("\n");

    it("uses podman, and docker wherever there is one", () => {
        assert.equal(engineProgram(), "docker", "the error names the usual one");
        program("podman", {});
        assert.equal(engineProgram(), "podman");
        program("docker", {});
        assert.equal(engineProgram(), "docker");
    });

    it("gets its network, known by its id, and loses it again", async () => {
        program("podman", {
            "network create": "multinet-dev\n",
            "network inspect": JSON.stringify([PRINTED]),
            "network rm": "multinet-dev\n",
        });
        const resource = network(new DockerCli());
        const made = await resource.create(INPUTS, call as unknown as Call);
        assert.equal(made.id, PRINTED.id);
        assert.deepEqual(made.outputs.ipamConfigs[0]?.subnet, "10.206.152.0/22");
        const old = { ...made, inputs: INPUTS };
        const seen = await resource.read(old, call as unknown as Call);
        assert.deepEqual(seen?.outputs, made.outputs);
        await resource.delete(old, call as unknown as Call);
        assert.deepEqual(
            calls().map((line) => line.split(" ").slice(0, 2).join(" ")),
            ["network create", "network inspect", "network inspect", "network rm"],
        );
    });

    it("has an image under the same id as Docker's clients see", async () => {
        const digest = "9784db61fa9325e1c2c7a7046c665109a3d054be502ff1132fb3010724198ba1";
        program("podman", { "image inspect": JSON.stringify([{ Id: digest, RepoDigests: [] }]) });
        const { outputs } = await remoteImage(new DockerCli()).create(
            { name: "multinet.local/node:1" },
            call as unknown as Call,
        );
        assert.equal(outputs.imageId, `sha256:${digest}`);
    });

    it("asks the engine at the provider's own address", async () => {
        program("podman", { "--remote network rm": "x\n" });
        const docker = new DockerCli();
        docker.configure({ host: "unix:///run/podman/podman.sock" });
        await docker.run(["network", "rm", "--", "x"]);
        assert.deepEqual(calls(), ["--remote network rm -- x"]);
    });
});
