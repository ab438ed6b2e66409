import { Cache } from "../cache.ts";
import { Engine } from "../engine.ts";

/** `node multinet.mjs stop`: stops the container engine that the toolchain started, if it did. */
export async function stop(): Promise<number> {
    const stopped = await new Engine(new Cache()).stop();
    console.error(
        stopped
            ? "Stopped the container engine that the toolchain had started, with its containers."
            : "No container engine was started by the toolchain.",
    );
    return 0;
}
