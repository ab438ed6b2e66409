import assert from "node:assert/strict";
import { existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { PROJECT_NAME } from "../../../toolchain/stack.ts";
import { converges, reset, type Config } from "../converged.ts";
import { faultStack } from "../faultStack.ts";
import { faultClass } from "../ledger.ts";
import { Operation } from "./operation.ts";

/** The one is changed to the other: in place, and with several checkpoints on the way. */
const CONFIGS: Config[] = [
    { clusters: { edge1: {} } },
    { clusters: { edge1: { memory: "3GiB" } }, demo: { deployments: 3 } },
];

/**
 * What Pulumi writes beside the checkpoint in place, before it renames the checkpoint itself: emptied first, so that a kill
 * before the write leaves it empty, and the stack unreadable.
 */
const SIDECARS = [".json.attrs", ".json.bak.attrs"];
/** Which of the writes is met, and how. */
const WRITES = [1, 2, 4];
const EFFECTS = { kill: "signal=KILL", "full disk": "error=ENOSPC" };

faultClass(
    {
        name: "kills-checkpoint",
        title: "SIGKILL of the engine, or a full disk, within a write of the checkpoint",
        least: 9,
    },
    (ledger) => {
        const stack = faultStack("f-torn");
        const file = (suffix: string) =>
            join(stack.state, ".pulumi", "stacks", PROJECT_NAME, `${stack.name}${suffix}`);
        let turn = 0;

        before(async () => {
            stack.configure(CONFIGS[0]!);
            await stack.up();
        });

        /** Changes the stack under a tracer that does something to one system call on that file. */
        async function traced(suffix: string, calls: string, effect: string): Promise<string> {
            const config = CONFIGS[++turn % 2]!;
            stack.configure(config);
            const path = file(suffix);
            const trace = join(stack.state, "trace");
            const operation = new Operation(stack, "up", {
                under: [
                    ...["strace", "-f", "-qq", "-o", trace, "-P", path, "-e", `trace=${calls}`],
                    ...["-e", `inject=${calls}:${effect}`],
                ],
            });
            const code = await operation.finished();
            const met = readFileSync(trace, "utf8");
            assert.match(met, /INJECTED|killed by SIGKILL/, `the call was met:\n${met}`);
            const left = existsSync(path) ? `${statSync(path).size} bytes` : "missing";
            await converges(stack, config);
            return `exit code ${code}, ${suffix}: ${left}`;
        }

        for (const suffix of SIDECARS) {
            for (const [what, effect] of Object.entries(EFFECTS)) {
                for (const write of suffix === SIDECARS[0] ? WRITES : WRITES.slice(0, 2)) {
                    // The backup is only an extra: Pulumi goes on without it.
                    if (suffix === SIDECARS[1] && what !== "kill") continue;
                    const name = `${what} at write ${write} to ${suffix}`;
                    it(name, () =>
                        ledger.run(
                            name,
                            () => traced(suffix, "write", `${effect}:when=${write}`),
                            () => reset(stack),
                        ),
                    );
                }
            }
        }

        const rename = "kill at the rename of a checkpoint";
        it(rename, () =>
            ledger.run(
                rename,
                () => traced(".json", "rename,renameat,renameat2", "signal=KILL:when=2"),
                () => reset(stack),
            ),
        );
    },
);
