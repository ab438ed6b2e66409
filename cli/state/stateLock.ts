import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { withLock } from "../../system/lock.ts";
import { STATE_DIR } from "../project.ts";

/** Runs what puts a state right, one command of this checkout at a time. */
export function alone<T>(action: () => Promise<T>): Promise<T> {
    mkdirSync(STATE_DIR, { recursive: true, mode: 0o700 });
    const wait = (holder: string) =>
        console.error(`Waiting for ${holder}, which repairs the state.`);
    return withLock(join(STATE_DIR, "state.lock"), wait, action);
}
