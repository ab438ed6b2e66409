import { join } from "node:path";
import { Builder } from "../source-builds/builder.ts";
import { Cache } from "../system/cache.ts";
import { Progress } from "../system/progress.ts";
import { locate } from "./setup/onPath.ts";

/** A program that an earlier set-up has made, else the one on PATH, whatever its version. Both have the artifact's name. */
export function programAtHand(artifact: "kubectl" | "pulumi"): string | undefined {
    const builder = new Builder(new Cache(), new Progress(), new AbortController().signal);
    const made = join(builder.dir(artifact), artifact);
    return builder.has(artifact) ? made : locate(artifact);
}
