import assert from "node:assert/strict";
import { existsSync, readFileSync, statSync, truncateSync } from "node:fs";
import { join } from "node:path";
import { PROJECT_NAME } from "../../../cli/state/stack.ts";
import type { Stack } from "../../e2e/stack.ts";
import { converges, reset, succeeded, type Config } from "../converged.ts";
import { faultStack } from "../faultStack.ts";
import { faultClass } from "../ledger.ts";
import { Operation } from "./operation.ts";

/** The one is changed to the other: in place, and with several checkpoints on the way. */
const CONFIGS: Config[] = [
    { clusters: { edge1: {} } },
    { clusters: { edge1: { memory: "3GiB" } }, demo: { deployments: 3 } },
];

const RENAMES = "rename,renameat,renameat2";

/** A system call on a file of the state, the n-th of which meets something. */
interface Meeting {
    /** What the file's name ends with. */
    suffix: string;
    calls: string;
    nth: number;
    what: "kill" | "full disk";
}

const MEETINGS: Meeting[] = [
    ...[1, 2, 3, 5].map((nth) => ({ suffix: ".json", calls: RENAMES, nth, what: "kill" as const })),
    { suffix: ".json.bak", calls: RENAMES, nth: 2, what: "kill" },
    { suffix: ".json", calls: RENAMES, nth: 2, what: "full disk" },
];

/** Emptied in place before it is written, and before the checkpoint is renamed. */
const SIDECARS: Meeting[] = [
    ...[1, 3].map((nth) => ({
        suffix: ".json.attrs",
        calls: "write",
        nth,
        what: "kill" as const,
    })),
    { suffix: ".json.bak.attrs", calls: "write", nth: 1, what: "kill" },
    { suffix: ".json.attrs", calls: "write", nth: 2, what: "full disk" },
];

faultClass(
    {
        name: "kills-checkpoint",
        title: "SIGKILL of the engine, or a full disk, within a write of the checkpoint",
        least: MEETINGS.length + SIDECARS.length + 2,
    },
    (ledger) => {
        const plain = faultStack("f-torn");
        const chosen = faultStack("f-attrs", { sidecars: true });
        const turns = new Map<Stack, number>();

        function next(stack: Stack): Config {
            const turn = (turns.get(stack) ?? 0) + 1;
            turns.set(stack, turn);
            const config = CONFIGS[turn % 2]!;
            stack.configure(config);
            return config;
        }

        async function start(stack: Stack): Promise<void> {
            stack.configure(CONFIGS[0]!);
            succeeded(await stack.command("up", ["--yes", "--skip-preview"]), "npm run up");
        }

        const file = (stack: Stack, suffix: string) =>
            join(stack.state, ".pulumi", "stacks", PROJECT_NAME, `${stack.name}${suffix}`);

        /** Changes the stack under a tracer that makes one of its system calls meet something. */
        function meet(stack: Stack, { suffix, calls, nth, what }: Meeting): void {
            const fault = `${what} at call ${nth} of ${calls.split(",")[0]} on the ${suffix} file`;
            const effect = what === "kill" ? "signal=KILL" : "error=ENOSPC";
            it(fault, () =>
                ledger.run(
                    fault,
                    async () => {
                        const config = next(stack);
                        const path = file(stack, suffix);
                        const trace = join(stack.state, "trace");
                        const operation = new Operation(stack, "up", {
                            under: [
                                ...["strace", "-f", "-qq", "-o", trace, "-P", path],
                                ...["-e", `trace=${calls}`],
                                ...["-e", `inject=${calls}:${effect}:when=${nth}`],
                            ],
                        });
                        // The tracer would wait for the language host, which may outlive its engine.
                        const isKilled = () =>
                            existsSync(trace) &&
                            readFileSync(trace, "utf8").includes("killed by SIGKILL");
                        await operation.until(() => isKilled() || undefined);
                        operation.child.kill("SIGKILL");
                        const code = await operation.finished();
                        const met = readFileSync(trace, "utf8");
                        assert.match(met, /INJECTED|killed by SIGKILL/, `the call was met: ${met}`);
                        const left = existsSync(path) ? `${statSync(path).size} bytes` : "missing";
                        await converges(stack, config);
                        return `exit code ${code}, left ${left}`;
                    },
                    () => reset(stack).then(() => start(stack)),
                ),
            );
        }

        describe("in the backend that is the default", () => {
            before(() => start(plain));
            for (const meeting of MEETINGS) {
                meet(plain, meeting);
            }

            for (const share of [0, 0.5]) {
                const fault = `the checkpoint cut off at ${share * 100} % by a stopped engine's disk`;
                it(fault, () =>
                    ledger.run(
                        fault,
                        async () => {
                            const config = next(plain);
                            const path = file(plain, ".json");
                            const written = statSync(path).mtimeMs;
                            const operation = new Operation(plain, "up");
                            await operation.until(
                                () => statSync(path).mtimeMs !== written || undefined,
                            );
                            operation.signal(operation.engine, "SIGSTOP");
                            truncateSync(path, Math.floor(statSync(path).size * share));
                            await operation.kill();
                            await converges(plain, config);
                        },
                        () => reset(plain).then(() => start(plain)),
                    ),
                );
            }
        });

        describe("in a backend of the user's choice", () => {
            before(() => start(chosen));
            for (const meeting of SIDECARS) {
                meet(chosen, meeting);
            }
        });
    },
);
