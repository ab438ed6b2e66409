import { existsSync, rmSync } from "node:fs";
import type { Cache } from "../system/cache.ts";
import type { ArtifactRegistry } from "./artifactRegistry.ts";
import { withLock } from "../system/lock.ts";
import type { Artifact, BuildContext } from "./artifact.ts";
import { LIMITS, run } from "../system/process.ts";
import type { Progress } from "../system/progress.ts";

/** What making an artifact takes. */
export interface Tools {
    cache: Cache;
    registry: ArtifactRegistry;
    progress: Progress;
    signal: AbortSignal;
}

/** Makes those of these artifacts that are not in the cache, each under its own lock, so that two runs share the work. */
export async function makeArtifacts(artifacts: Artifact[], tools: Tools): Promise<void> {
    const { cache, registry, progress, signal } = tools;
    for (const artifact of artifacts) {
        const key = registry.key(artifact.name);
        if (cache.has(key)) {
            continue;
        }
        await progress.during(`${artifact.name} ${artifact.version}`, async (say) => {
            const wait = (holder: string) => say(`waiting: ${holder} is making it`);
            const make = async () => {
                if (cache.has(key)) {
                    return;
                }
                await withBuildContext(
                    `${artifact.name} ${artifact.version}`,
                    tools,
                    say,
                    (context) => cache.add(key, (into) => artifact.make(into, context)),
                );
            };
            await withLock(cache.path("locks", key), wait, make, signal);
        });
    }
}

/**
 * Does something with a build context; an error says what could not be made and where the log is. `what` is a name,
 * perhaps followed by a version.
 */
export async function withBuildContext<T>(
    what: string,
    { cache, registry, signal }: Tools,
    say: (status: string) => void,
    action: (context: BuildContext) => Promise<T>,
): Promise<T> {
    const log = cache.path("logs", `${what.split(" ")[0]}.log`);
    rmSync(log, { force: true });
    try {
        return await action({
            dir: (name) => cache.dir(registry.key(name)),
            run: (program, args, options) =>
                run(program, args, { limit: LIMITS.build, ...options, log, signal }),
            status: say,
            signal,
        });
    } catch (error) {
        signal.throwIfAborted();
        const whole = existsSync(log) ? `The whole log: ${log}\n` : "";
        throw new Error(
            `Could not make ${what}.\n${(error as Error).message}\n${whole}` +
                "What is made already is kept: the same command goes on from here.",
            { cause: error },
        );
    }
}
