import assert from "node:assert/strict";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import type { Stack } from "./stack.ts";
import { until } from "./world.ts";

interface Kill {
    /** How long the update may take to get there. Default 180. */
    seconds?: number;
    /** Kills the plugins too, which otherwise finish what they are at. Default false. */
    plugins?: boolean;
}

/** Starts an update and kills the engine without warning as soon as `fired` sees what it waits for. */
export async function killWhen(
    stack: Stack,
    fired: () => Promise<true | string>,
    { seconds = 180, plugins = false }: Kill = {},
): Promise<void> {
    const update = stack.startUp();
    await until(seconds, fired);
    assert.equal(update.exitCode, null, "the engine was still at work");
    const engine = update.pid as number;
    const others = plugins ? descendants(engine) : [];
    for (const pid of [engine, ...others]) {
        process.kill(pid, "SIGKILL");
    }
    await once(update, "exit");
    const { code, output } = await stack.pulumi(["up", "--yes", "--skip-preview"]);
    assert.notEqual(code, 0, "the stack is locked by the dead engine");
    assert.match(output, /lock/);
}

/** A child belongs to the thread that started it. */
function descendants(pid: number): number[] {
    return readdirSync(`/proc/${pid}/task`)
        .flatMap((task) =>
            readFileSync(`/proc/${pid}/task/${task}/children`, "utf8").split(" ").filter(Boolean),
        )
        .map(Number)
        .flatMap((child) => [child, ...descendants(child)]);
}
