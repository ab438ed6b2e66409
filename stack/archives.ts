import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import type { Archive } from "../plan/images.ts";
import { problem, type Problem } from "../plan/problem.ts";

/** The archives with what is in them, and one problem for each that cannot be read. */
export async function readArchives(
    paths: string[],
): Promise<{ archives: Archive[]; problems: Problem[] }> {
    const problems: Problem[] = [];
    const archives: Archive[] = [];
    for (const [index, path] of paths.entries()) {
        try {
            archives.push({ path, digest: await digestOf(path) });
        } catch (error) {
            problems.push(
                problem(["images", "archives", index], path, {
                    reason: `It cannot be read: ${(error as Error).message}.`,
                    fix: "Name a file that `docker save` wrote, absolute or from the project folder.",
                }),
            );
        }
    }
    return { archives, problems };
}

async function digestOf(path: string): Promise<string> {
    const hash = createHash("sha256");
    for await (const chunk of createReadStream(path)) {
        hash.update(chunk as Buffer);
    }
    return hash.digest("hex");
}
