import assert from "node:assert/strict";
import { setTimeout } from "node:timers/promises";
import { converges, destroyed, reset, type Config } from "../converged.ts";
import { faultStack } from "../faultStack.ts";
import { faultClass } from "../ledger.ts";
import { Operation } from "./operation.ts";

const config: Config = { clusters: { edge1: {} } };

/** Milliseconds between two signals of an impatient user. */
const SECOND_SIGNAL_AFTER = 300;

/** What is being created when the signal comes; the releases wait for their pods. */
const MOMENTS = { cluster: "edge1-kind", release: "edge1-multus-release" };

faultClass(
    {
        name: "kills-signals",
        title: "SIGINT and SIGTERM, once and twice, in the creation of a cluster and of a release",
        least: 8,
    },
    (ledger) => {
        const stack = faultStack("f-signals");

        for (const [what, name] of Object.entries(MOMENTS)) {
            for (const signal of ["SIGINT", "SIGTERM"] as const) {
                for (const times of [1, 2]) {
                    const fault = `${signal} x ${times} in the creation of a ${what}`;
                    it(fault, () =>
                        ledger.run(
                            fault,
                            async () => {
                                stack.configure(config);
                                const operation = new Operation(stack, "up");
                                const begun = await operation.untilBegun(
                                    ({ op, urn }) => op === "create" && urn.endsWith(`::${name}`),
                                );
                                assert.ok(begun, `${name} was created:\n${operation.output}`);
                                await setTimeout(1_000);
                                operation.signal(operation.engine, signal);
                                if (times === 2) {
                                    await setTimeout(SECOND_SIGNAL_AFTER);
                                    operation.signal(operation.engine, signal);
                                }
                                const code = await operation.finished();
                                assert.notEqual(code, 0, "the update was broken off");
                                await converges(stack, config);
                                await destroyed(stack);
                            },
                            () => reset(stack),
                        ),
                    );
                }
            }
        }
    },
);
