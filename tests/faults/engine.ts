import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { until } from "../e2e/world.ts";

/** The process of the container engine that these tests use, if multinet has started it. */
export function ownEngine(): number | undefined {
    const host = process.env["DOCKER_HOST"];
    return readdirSync("/proc")
        .filter((name) => /^\d+$/.test(name))
        .map(Number)
        .find((pid) => {
            const [program = "", ...args] = argumentsOf(pid);
            return program.endsWith("dockerd") && args[args.indexOf("--host") + 1] === host;
        });
}

/** Ends it, and all containers with it. */
export async function stopEngine(): Promise<void> {
    const engine = ownEngine();
    assert.ok(engine !== undefined, "multinet has started the container engine");
    process.kill(engine, "SIGTERM");
    await until(90, async () => ownEngine() === undefined || "the engine is still there");
}

function argumentsOf(pid: number): string[] {
    try {
        return readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0");
    } catch {
        return []; // it has just ended
    }
}
