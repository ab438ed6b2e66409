import { Command } from "commander";
import { Cache } from "../../system/cache.ts";
import { takeCache } from "../../system/cacheUse.ts";
import { Engine } from "../setup/engine.ts";
import { contentsOf } from "../setup/engineContents.ts";

export const words = new Command("stop")
    .summary("stop the container engine that multinet started")
    .description(
        "Stops the container engine that multinet started, if it did. Refuses while another command uses it or a container " +
            "runs on it.",
    )
    .option("--force", "stop it nevertheless, with its containers");

export async function run(words: Command, signal: AbortSignal): Promise<number> {
    const cache = new Cache();
    const engine = new Engine(cache);
    if (engine.running() !== undefined && !words.opts<{ force?: true }>().force) {
        await takeCache(cache);
        const { running } = await contentsOf(engine.ownHost);
        if (running.length > 0) {
            throw new Error(
                "Not stopped, as these run on the container engine, perhaps for another checkout or by another " +
                    `program:\n  ${running.join("\n  ")}\nStop it nevertheless, and them with it: npm run stop -- --force`,
            );
        }
    }
    const stopped = await engine.stop(signal);
    console.error(
        stopped
            ? "Stopped the container engine that multinet had started, with its containers."
            : "No container engine was started by multinet.",
    );
    return 0;
}
