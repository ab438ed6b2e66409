import {
    closeSync,
    fsyncSync,
    openSync,
    readFileSync,
    renameSync,
    rmSync,
    writeFileSync,
} from "node:fs";

/** Writes a file that readers see as it was or as it is now, also after a full disk or a power failure. */
export function writeWhole(file: string, text: string, mode = 0o600): void {
    const fresh = `${file}.${process.pid}`;
    try {
        const descriptor = openSync(fresh, "w", mode);
        try {
            writeFileSync(descriptor, text);
            fsyncSync(descriptor);
        } finally {
            closeSync(descriptor);
        }
        renameSync(fresh, file);
    } catch (error) {
        rmSync(fresh, { force: true });
        throw error;
    }
}

/** What a JSON file holds; undefined if it is missing or, after a warning that names it, cannot be read. */
export function readJson<T>(
    file: string,
    warn: (line: string) => void = console.error,
): T | undefined {
    try {
        return JSON.parse(readFileSync(file, "utf8")) as T;
    } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== "ENOENT") {
            warn(`Ignored ${file}, which cannot be read: ${(error as Error).message}`);
        }
        return undefined;
    }
}
