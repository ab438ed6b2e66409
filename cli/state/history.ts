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

/** What Pulumi notes of an update; times are in seconds since 1970. */
export interface UpdateNote {
    kind: string;
    result: string;
    startTime: number;
    endTime: number;
    /** By what was done: `create`, `update`, `same` ... */
    resourceChanges?: Record<string, number>;
}

/** The newest update that a file backend's history has of a stack; undefined if there is none, or it cannot be read. */
export function lastUpdate({ folder, project, stack }: StackPlace): UpdateNote | undefined {
    const directory = join(folder, ".pulumi", "history", project, stack);
    const notes = existsSync(directory) ? readdirSync(directory) : [];
    const newest = notes
        .filter((name) => name.endsWith(".history.json"))
        .toSorted()
        .at(-1); // nanoseconds of one length
    try {
        const note = JSON.parse(readFileSync(join(directory, newest ?? ""), "utf8")) as UpdateNote;
        return [note.startTime, note.endTime].every(Number.isSafeInteger) ? note : undefined;
    } catch {
        return undefined; // there is none, or it is damaged
    }
}
