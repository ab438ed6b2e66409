import { appendFile } from "node:fs/promises";
import type { Difference } from "../resource.ts";

/**
 * Environment variable that names a file. While it is set, no cluster that is there is replaced: what would be is written
 * into that file, one JSON object a line, and the update fails before anything is changed.
 */
export const REPLACEMENTS = "MULTINET_REPLACEMENTS";

/** A cluster that would be replaced, and why. */
export interface Replacement {
    cluster: string;
    reasons: string[];
}

/** The file that `REPLACEMENTS` names; undefined where replacing needs no consent. */
export function consentFile(): string | undefined {
    return process.env[REPLACEMENTS] || undefined;
}

/** Writes down what would be replaced, and throws. */
export async function refuseReplacement(
    file: string,
    cluster: string,
    changes: Difference["changes"],
): Promise<never> {
    const reasons = Object.keys(changes).filter((key) => changes[key]!.endsWith("-replace"));
    const replacement: Replacement = { cluster, reasons };
    await appendFile(file, `${JSON.stringify(replacement)}\n`);
    throw new Error(
        `cluster ${cluster} would be replaced, and all that is in it would be lost, because of: ` +
            `${reasons.join(", ")}. It is left as it is: that needs your consent`,
    );
}
