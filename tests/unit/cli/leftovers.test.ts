import assert from "node:assert/strict";
import { chmodSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import type { Container, Runtime, RuntimeName } from "../../../provider/runtime/runtime.ts";
import { describeLeftovers, leftovers, removeLeftovers } from "../../../cli/state/leftovers.ts";
import { temporaryDirectory } from "../temporary.ts";

/** An engine whose program is a script: one network of the stack, with these running containers on it. */
const script = (folder: string, running: string[]) => `#!/bin/sh
echo "$@" >> "${folder}/calls"
case "$1 $2" in
"network ls") echo "n1n1n1 multinet-lab" ;;
"network inspect") printf '%s\\n' ${running.join(" ")} "" ;;
esac
`;

describe("what is left of a stack", () => {
    const temporary = temporaryDirectory();
    const node = (name: string, network: string, cluster = name) =>
        ({
            id: `id of ${name}`,
            name,
            labels: { "io.x-k8s.kind.cluster": cluster },
            networks: { [network]: "" },
        }) as unknown as Container;

    function engine(containers: Container[], running: string[]) {
        const program = temporary("docker");
        writeFileSync(program, script(temporary(), running));
        chmodSync(program, 0o755);
        const removed: string[] = [];
        const runtime = {
            name: program as RuntimeName,
            containers: () => Promise.resolve(containers),
            remove: (gone: Container[]) =>
                Promise.resolve(void removed.push(...gone.map(({ id }) => id))),
        } as unknown as Runtime;
        return { runtime, removed };
    }
    const calls = () => readFileSync(temporary("calls"), "utf8");

    it("is found by labels and removed by id, and nothing else", async () => {
        const { runtime, removed } = engine(
            [
                node("multinet-lab-edge1", "multinet-lab"),
                node("multinet-lab-edge2", "multinet-labs"), // another stack's
                node("kind", "multinet-lab"), // a user's cluster on our network
                node("multinet-lab-edge3", "kind"), // a user's cluster with a name like ours
            ],
            ["multinet-lab-edge1"],
        );
        const found = await leftovers(runtime, "lab");
        assert.deepEqual(describeLeftovers(found), [
            "container multinet-lab-edge1 (id of multin), with its volume",
            "network multinet-lab (n1n1n1)",
        ]);
        assert.match(
            calls(),
            /label=multinet\.dev\/project=multinet .*label=multinet\.dev\/stack=lab/,
        );
        assert.deepEqual(found.foreign, []);
        await removeLeftovers(runtime, found);
        assert.deepEqual(removed, ["id of multinet-lab-edge1"]);
        assert.match(calls(), /^network rm n1n1n1$/m);
        assert.equal(existsSync(temporary("docker")), true);
    });

    it("names containers of others on its network", async () => {
        const own = node("multinet-lab-edge1", "multinet-lab");
        const { runtime } = engine([own], ["multinet-lab-edge1", "mine"]);
        assert.deepEqual((await leftovers(runtime, "lab")).foreign, ["mine"]);
    });
});
