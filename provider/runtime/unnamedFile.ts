import { mkdtemp, open, rm } from "node:fs/promises";
import type { FileHandle } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/**
 * A file with this content that has no name any more when that is written, so that nobody else opens it and a kill
 * leaves nothing. A child that inherits its descriptor reads it from the start.
 */
export async function unnamedFile(content: string): Promise<FileHandle> {
    const folder = await mkdtemp(join(tmpdir(), "multinet-"));
    try {
        const path = join(folder, "content");
        const writer = await open(path, "wx", 0o600);
        try {
            const reader = await open(path, "r");
            await rm(path);
            await writer.writeFile(content);
            return reader;
        } finally {
            await writer.close();
        }
    } finally {
        await rm(folder, { recursive: true, force: true });
    }
}
