import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { PROJECT_NAME, type State } from "./stack.ts";

/** A stack of a file backend that its last state does not show to be empty. */
export interface FullStack {
    name: string;
    /** Its state cannot be read, so it may have resources. */
    unreadable: boolean;
}

/** Stacks of a file backend that have resources, or may have. */
export function stacksWithResources(state: string): FullStack[] {
    const directory = join(state, ".pulumi", "stacks", PROJECT_NAME);
    if (!existsSync(directory)) return [];
    return readdirSync(directory).flatMap((file) => {
        const [, name, compressed] = /^(.+)\.json(\.gz)?$/.exec(file) ?? [];
        if (name === undefined) return [];
        const count = resources(join(directory, file), compressed !== undefined);
        return count === 0 ? [] : [{ name, unreadable: count === undefined }];
    });
}

/** How many resources a state has; undefined if it cannot be read, which Pulumi could not either. */
function resources(file: string, compressed: boolean): number | undefined {
    try {
        const content = readFileSync(file);
        const { checkpoint } = JSON.parse(
            (compressed ? gunzipSync(content) : content).toString(),
        ) as {
            checkpoint?: { latest?: State["deployment"] | null };
        };
        if (!checkpoint) return undefined;
        const { resources = [], pending_operations: pending = [] } = checkpoint.latest ?? {};
        return resources.length + pending.length;
    } catch {
        return undefined;
    }
}
