import { statfsSync } from "node:fs";
import { freemem } from "node:os";
import { LIMITS, run } from "../../system/process.ts";
import { HOST } from "../../system/thisHost.ts";
import { usualPlaces } from "./engineAddress.ts";
import { engineFacts, type FoundEngine, isOnThisKernel } from "./findEngine.ts";
import { locate } from "./onPath.ts";
import type { Machine } from "./preflight.ts";

const GIBIBYTE = 2 ** 30;

/** What a set-up finds here, with the container engine that answers, if any. */
export async function thisMachine(
    cache: string,
    engine: FoundEngine | undefined,
): Promise<Machine> {
    const space = statfsSync(cache);
    const facts = engineFacts();
    return {
        host: HOST,
        user: facts.user,
        root: facts.uid === 0,
        podman: usualPlaces(facts, "podman")[0]?.source,
        disk: (space.bavail * space.bsize) / GIBIBYTE,
        memory: memory(engine),
        go: locate("go") && (await goVersion()),
    };
}

/** A virtual machine tells what it has, not what of that is free. */
function memory(engine: FoundEngine | undefined): number | undefined {
    const bytes = isOnThisKernel(engine) ? freemem() : engine?.info?.MemTotal;
    return bytes === undefined ? undefined : bytes / GIBIBYTE;
}

async function goVersion(): Promise<string | undefined> {
    // GOTOOLCHAIN=local: the installed one, not one that it would fetch.
    const answer = await run("go", ["env", "GOVERSION"], {
        env: { GOTOOLCHAIN: "local" },
        limit: LIMITS.answer,
    });
    return /go(\d+(\.\d+)*)/.exec(answer)?.[1];
}
