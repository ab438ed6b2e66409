import { mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { readJson, writeWhole } from "../../system/smallFile.ts";
import { STATE_DIR } from "../project.ts";

/** What `npm run verify` found last. */
export interface Verified {
    summary: string;
    /** How many cells are red or flapping. */
    red: number;
    /** What of the stack file is not covered. */
    gaps: string[];
}

/** With the time when it was found, in RFC 3339. */
export type VerifiedAt = Verified & { measured: string };

const fileOf = (stack: string, stateDir: string) => join(stateDir, "verified", `${stack}.json`);

/** Notes it for `npm run status`. A note that cannot be written is missed by nobody but that. */
export function recordVerified(stack: string, found: Verified, stateDir = STATE_DIR): void {
    const file = fileOf(stack, stateDir);
    const note: VerifiedAt = { ...found, measured: new Date().toISOString() };
    try {
        mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
        writeWhole(file, JSON.stringify(note));
    } catch (error) {
        console.error(`Not noted for npm run status: ${(error as Error).message}`);
    }
}

export function lastVerified(stack: string, stateDir = STATE_DIR): VerifiedAt | undefined {
    const found = readJson<VerifiedAt | null>(fileOf(stack, stateDir), () => undefined);
    return typeof found?.measured === "string" ? found : undefined;
}
