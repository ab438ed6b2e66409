import { copyFileSync, statSync, truncateSync } from "node:fs";

/** Bytes from which on a log is too long to go on with. */
const LIMIT = 10 * 2 ** 20;

/** Moves a log that has grown too long to `FILE.1`. Programs that append to it go on at its start. */
export function boundLog(file: string, limit = LIMIT): void {
    const { size } = statSync(file, { throwIfNoEntry: false }) ?? { size: 0 };
    if (size > limit) {
        copyFileSync(file, `${file}.1`);
        truncateSync(file);
    }
}
