import assert from "node:assert/strict";
import { once } from "node:events";
import type { Stack } from "./stack.ts";
import { until } from "./world.ts";

/** Starts an update and kills the engine without warning as soon as `fired` sees what it waits for. */
export async function killWhen(
    stack: Stack,
    fired: () => Promise<true | string>,
    seconds = 180,
): Promise<void> {
    const update = stack.startUp();
    await until(seconds, fired);
    assert.equal(update.exitCode, null, "the engine was still at work");
    update.kill("SIGKILL");
    await once(update, "exit");
    const { code, output } = await stack.pulumi(["up", "--yes", "--skip-preview"]);
    assert.notEqual(code, 0, "the stack is locked by the dead engine");
    assert.match(output, /lock/);
}
