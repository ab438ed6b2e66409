import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { isLimit } from "../../provider/kind/spec.ts";
import { start } from "../../provider/kind/start.ts";
import type { Call } from "../../provider/resource.ts";
import { podman } from "../../provider/runtime/podman.ts";
import type { Container } from "../../provider/runtime/runtime.ts";
import { CommandFailed } from "../../system/process.ts";
import { answerOf, recorded } from "../fixtures/podman.ts";

const ENGINE = join(import.meta.dirname, "fakes/bin/engine");
const NODE = "multinet-dev-edge1-control-plane";
const LIMIT = `podman exec ${NODE} cat /sys/fs/cgroup/memory.max`;

/** Over what Podman 4.3.1 said to each of these commands. */
describe("rootless Podman 4.3", () => {
    const { PATH } = process.env;
    let folder: string;

    beforeEach(() => {
        folder = mkdtempSync(join(tmpdir(), "multinet-podman-"));
        mkdirSync(join(folder, "bin"));
        symlinkSync(ENGINE, join(folder, "bin/podman"));
        process.env["PATH"] = [join(folder, "bin"), PATH].join(delimiter);
        process.env["ENGINE_SAYS"] = folder;
        says("inspect", { code: 0, stdout: recorded("node.json") });
    });
    afterEach(() => {
        process.env["PATH"] = PATH;
        delete process.env["ENGINE_SAYS"];
        rmSync(folder, { recursive: true });
    });

    function says(verb: string, { code, stdout = "", stderr = "" }: ReturnType<typeof answerOf>) {
        writeFileSync(join(folder, `${verb}.out`), stdout);
        writeFileSync(join(folder, `${verb}.err`), stderr);
        writeFileSync(join(folder, `${verb}.code`), String(code));
    }
    const calls = () => readFileSync(join(folder, "calls"), "utf8").trim().split("\n");
    const node = async () => (await podman.containers({ names: [NODE] }))[0]!;

    it("has a memory limit that only the kernel tells, so that no drift is seen where none is", async () => {
        says("exec", answerOf(LIMIT));
        assert.equal((await node()).memory, 4 * 2 ** 30);
        assert.match(calls()[1] ?? "", /^exec --interactive 80538845\w+ sh -c cat .*memory\.max/);
    });

    for (const [what, stdout] of [
        ["of cgroup v2", "max\n"],
        ["of cgroup v1", "9223372036854771712\n"],
    ] as const) {
        it(`knows no limit in the words ${what}`, async () => {
            says("exec", { code: 0, stdout });
            assert.equal((await node()).memory, 0);
        });
    }

    it("does not ask a container that does not run, or whose limit is recorded", async () => {
        const [one] = JSON.parse(recorded("node.json")) as { HostConfig: object }[];
        const stopped = { ...one, State: { Status: "exited" } };
        const limited = { ...one, HostConfig: { ...one!.HostConfig, Memory: 5 * 2 ** 30 } };
        says("inspect", { code: 0, stdout: JSON.stringify([stopped, limited]) });
        const found = await podman.containers({ names: ["a", "b"] });
        assert.deepEqual(
            found.map(({ memory }) => memory),
            [0, 5 * 2 ** 30],
        );
        assert.equal(calls().length, 1);
    });

    it("takes a limit that could not be read for none, and does not fail", async () => {
        says("exec", answerOf("podman exec --interactive nosuch true"));
        assert.equal((await node()).memory, 0);
    });

    it("loses the volume of a removed node, and does not wait for the node to end by itself", async () => {
        const volume = "24eb5b4691d5c70380eb669bdddb36b96ad03527f0bf1d7fc59845026241a930";
        const one = await node();
        assert.ok(one.binds.some((bind) => bind.startsWith(`${volume}:/var:`)));
        await podman.remove([one]);
        assert.deepEqual(calls().slice(-2), [
            `rm --force --volumes --time 0 ${one.id}`,
            `volume rm ${volume}`,
        ]);
    });

    it("minds a volume that cannot be removed, not one that is gone", async () => {
        const one = await node();
        const gone = 'Error: no volume with name "x" found: no such volume';
        says("volume", { code: 1, stderr: gone });
        await podman.remove([one]);
        says("volume", {
            code: 2,
            stderr: "Error: volume is being used by the following container",
        });
        await assert.rejects(podman.remove([one]), /volume is being used/);
    });

    it("is told that a network is gone by a container that cannot start", async () => {
        const lost = answerOf("podman network rm -- nosuch");
        const done: string[] = [];
        const runtime = Object.assign(Object.create(podman) as typeof podman, {
            start: async () => {
                done.push("start");
                if (done.length === 1) {
                    throw new CommandFailed("", { ...lost });
                }
            },
            connect: async (_: Container, network: string) => void done.push(`connect ${network}`),
        });
        const call = { log: () => undefined } as unknown as Call;
        const one = { ...(await node()), state: "stopped" as const };
        await start(runtime, { network: "multinet-dev" }, [one], call);
        assert.deepEqual(done, ["start", "connect multinet-dev", "start"]);
    });
});

describe("a memory limit", () => {
    it("is the size that was asked for, cut to pages by the kernel", () => {
        for (const [bytes, size] of [
            [4 * 2 ** 30, "4GiB"],
            [1_999_998_976, "2000000000"], // pages of 4 KiB
            [2_999_975_936, "3GB"], // pages of 64 KiB
        ] as const) {
            assert.ok(isLimit(bytes, size), size);
            assert.ok(!isLimit(0, size));
            assert.ok(!isLimit(bytes - 2 ** 20, size));
        }
    });
});
