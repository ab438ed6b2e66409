import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { StackPlace } from "./checkpoint.ts";

/** Updates of a stack that are kept. Pulumi keeps each with two copies of the whole state, for ever. */
const KEPT = 20;

/** Removes the older updates from a file backend's history and backups of a stack. */
export function pruneHistory({ folder, project, stack }: StackPlace, kept = KEPT): void {
    for (const kind of ["history", "backups"]) {
        const directory = join(folder, ".pulumi", kind, project, stack);
        const names = existsSync(directory) ? readdirSync(directory) : [];
        const updates = Map.groupBy(names, (name) => /[.-](\d{16,})\./.exec(name)?.[1] ?? "");
        updates.delete("");
        const oldest = [...updates.keys()].toSorted((a, b) => (BigInt(a) < BigInt(b) ? -1 : 1));
        for (const update of oldest.slice(0, Math.max(0, oldest.length - kept))) {
            for (const name of updates.get(update)!) {
                rmSync(join(directory, name), { force: true });
            }
        }
    }
}

/** One update of a stack, as a file backend notes it. */
export interface Update {
    /** `update`, `destroy`, `refresh` ... */
    kind: string;
    result: string;
    /** Seconds since 1970. */
    startTime: number;
    endTime: number;
    /** By what was done: `create`, `update`, `same` ... */
    resourceChanges?: Record<string, number>;
    /** Has a key `pulumi.flag.NAME` for each flag that was given. */
    environment?: Record<string, string>;
}

/** The last update of a stack that came to an end; undefined if there is none, or its file is damaged. */
export function lastUpdate({ folder, project, stack }: StackPlace): Update | undefined {
    const directory = join(folder, ".pulumi", "history", project, stack);
    const names = existsSync(directory) ? readdirSync(directory) : [];
    const newest = names
        .flatMap((name) => {
            const [, time] = /[.-](\d{16,})\.history\.json$/.exec(name) ?? [];
            return time === undefined ? [] : [{ name, time: BigInt(time) }];
        })
        .toSorted((a, b) => (a.time < b.time ? 1 : -1))[0];
    return newest && readUpdate(join(directory, newest.name));
}

function readUpdate(file: string): Update | undefined {
    try {
        const found = JSON.parse(readFileSync(file, "utf8")) as Partial<Update> | null;
        const whole = typeof found?.kind === "string" && typeof found.endTime === "number";
        return whole ? (found as Update) : undefined;
    } catch {
        return undefined;
    }
}
