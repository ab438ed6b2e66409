import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { download } from "../system/download.ts";
import { Unavailable } from "../system/http.ts";
import type { BuildContext } from "./artifact.ts";
import type { Download } from "../plan/versions.ts";

/** Takes the official download, else makes the artifact; a file `source` in its directory says which it was. */
export async function officialElse(
    source: Download,
    into: string,
    context: BuildContext,
    make: () => Promise<void>,
    place: (file: string) => void | Promise<void>,
): Promise<void> {
    const file = join(into, ".download");
    try {
        context.status(`downloading from ${new URL(source.url).host}`);
        await download(source, file, context.signal);
    } catch (error) {
        if (!(error instanceof Unavailable)) {
            throw error;
        }
        rmSync(file, { force: true });
        context.status(`building, as ${error.message}`);
        await make().catch((failure: Error) => {
            context.signal.throwIfAborted();
            const why = `It cannot be downloaded: ${error.message}\nIt cannot be built either: ${failure.message}`;
            throw new Error(why, { cause: failure });
        });
        writeFileSync(join(into, "source"), `built from the pinned Go module: ${error.message}\n`);
        return;
    }
    await place(file);
    rmSync(file, { force: true });
    writeFileSync(join(into, "source"), `${source.url}\n`);
}

/** Unpacks a downloaded archive. */
export async function unpack(
    context: BuildContext,
    archive: string,
    into: string,
    flags: string[],
): Promise<void> {
    context.status("unpacking");
    mkdirSync(into, { recursive: true });
    await context.run("tar", [
        "--extract",
        "--gzip",
        "--no-same-owner",
        ...flags,
        "--file",
        archive,
        "--directory",
        into,
    ]);
}
