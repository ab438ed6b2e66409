import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { readCheckpoint } from "./checkpoint.ts";
import { PROJECT_NAME } from "./stack.ts";

/** A stack of a file backend that its last state does not show to be empty. */
export interface FullStack {
    name: string;
    /** Its state cannot be read, so it may have resources. */
    unreadable: boolean;
}

/** Stacks of a file backend that have resources, or may have. */
export function stacksWithResources(state: string): FullStack[] {
    const directory = join(state, ".pulumi", "stacks", PROJECT_NAME);
    if (!existsSync(directory)) {
        return [];
    }
    return readdirSync(directory).flatMap((file) => {
        const [, name] = /^(.+)\.json(?:\.gz|\.zst)?$/.exec(file) ?? [];
        const count = resources(join(directory, file));
        return name === undefined || count === 0 ? [] : [{ name, unreadable: count === undefined }];
    });
}

/** How many resources a state has, those included that an update was at; undefined if it cannot be read. */
function resources(file: string): number | undefined {
    const content = readCheckpoint(file);
    if (!content) {
        return undefined;
    }
    const { resources = [], pending_operations: pending = [] } = content.checkpoint.latest ?? {};
    return resources.length + pending.length;
}
