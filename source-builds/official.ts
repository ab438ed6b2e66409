import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { download } from "../system/download.ts";
import { chosenSource, mirrored, neededDownload, Unavailable } from "../system/source.ts";
import type { BuildContext } from "./artifact.ts";
import type { Download } from "../plan/downloads.ts";

/**
 * Takes the official download, or makes the artifact where nobody offers that or the user wants it so; a file `source` in
 * its directory says which it was.
 */
export async function officialElse(
    source: Download,
    into: string,
    context: BuildContext,
    make: () => Promise<void>,
    place: (file: string) => void | Promise<void>,
): Promise<void> {
    const file = join(into, ".download");
    const why = await whyNotDownloaded(source, file, context);
    if (why === undefined) {
        await place(file);
        rmSync(file, { force: true });
        writeFileSync(join(into, "source"), `${mirrored(source.url)}\n`);
        return;
    }
    rmSync(file, { force: true });
    context.status(`building, as ${why}`);
    await make().catch((failure: Error) => {
        context.signal.throwIfAborted();
        const both = `It cannot be downloaded: ${why}\nIt cannot be built either: ${failure.message}`;
        throw new Error(both, { cause: failure });
    });
    writeFileSync(join(into, "source"), `built from the pinned Go module: ${why}\n`);
}

async function whyNotDownloaded(
    source: Download,
    file: string,
    context: BuildContext,
): Promise<string | undefined> {
    const chosen = chosenSource();
    if (chosen === "build") {
        return "MULTINET_SOURCE=build asks for it.";
    }
    context.status(`downloading from ${new URL(mirrored(source.url)).host}`);
    try {
        await download(source, file, { signal: context.signal });
        return undefined;
    } catch (error) {
        if (!(error instanceof Unavailable)) {
            throw error;
        }
        if (chosen === "download") {
            throw neededDownload(error.message);
        }
        return error.message;
    }
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
