import { createWriteStream, rmSync } from "node:fs";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import { tar, type Entry } from "../../system/tar.ts";

const NOBODY = { uid: 0, gid: 0 };

/** Writes texts below a folder into a new .tar.gz that only its owner can read, each as `hide` leaves it. */
export async function writeArchive(
    file: string,
    folder: string,
    texts: Map<string, string>,
    hide: (text: string) => string,
): Promise<void> {
    const entries = [...texts].map(([path, text]): [string, Entry] => {
        const from = Buffer.from(hide(text));
        return [
            `${folder}/${path}`,
            { kind: "file", mode: 0o600, size: from.length, from, ...NOBODY },
        ];
    });
    try {
        const output = createWriteStream(file, { flags: "wx", mode: 0o600 });
        await pipeline(tar(entries), createGzip(), output);
    } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== "EEXIST") {
            rmSync(file, { force: true });
        }
        throw error;
    }
}
