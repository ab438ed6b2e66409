import { lstatSync, readdirSync, readlinkSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Entry } from "../../system/tar.ts";

const root = { uid: 0, gid: 0 };

/**
 * The files of one image layer, by path (a leading slash is optional). What is set later replaces what was there;
 * parents that were not set are directories of root with mode 0755.
 */
export class Layer {
    private readonly entries = new Map<string, Entry>();

    directory(path: string, mode = 0o755): this {
        return this.set(path, { kind: "directory", mode, ...root });
    }

    /** Copies the file `source` of this machine. */
    file(path: string, source: string, mode: number): this {
        const { size } = lstatSync(source);
        return this.set(path, { kind: "file", mode, size, from: source, ...root });
    }

    text(path: string, text: string, mode = 0o644): this {
        const from = Buffer.from(text);
        return this.set(path, { kind: "file", mode, size: from.length, from, ...root });
    }

    link(path: string, target: string): this {
        return this.set(path, { kind: "link", target, ...root });
    }

    /**
     * Copies the directory `source` with everything in it: modes, owners and symbolic links are kept, hard links become
     * files of their own; devices and sockets are left out.
     */
    tree(path: string, source: string): this {
        this.copy(path, source);
        for (const name of readdirSync(source)) {
            const child = join(source, name);
            if (lstatSync(child).isDirectory()) {
                this.tree(join(path, name), child);
            } else {
                this.copy(join(path, name), child);
            }
        }
        return this;
    }

    /** Takes out everything whose path (without leading slash) matches. */
    remove(pattern: RegExp): this {
        for (const path of this.entries.keys()) {
            if (pattern.test(path)) {
                this.entries.delete(path);
            }
        }
        return this;
    }

    has(path: string): boolean {
        return this.entries.has(relative(path));
    }

    /** All entries, parents before children, in an order that depends on the paths alone. */
    sorted(): [string, Entry][] {
        return [...this.entries].sort(([a], [b]) => (a < b ? -1 : 1));
    }

    private copy(path: string, source: string): void {
        const found = lstatSync(source);
        const { uid, gid, size } = found;
        const mode = found.mode & 0o7777;
        if (found.isDirectory()) {
            this.set(path, { kind: "directory", mode, uid, gid });
        } else if (found.isSymbolicLink()) {
            this.set(path, { kind: "link", target: readlinkSync(source), uid, gid });
        } else if (found.isFile()) {
            this.set(path, { kind: "file", mode, size, from: source, uid, gid });
        }
    }

    private set(path: string, entry: Entry): this {
        const own = relative(path);
        if (own === "") {
            return this;
        }
        const parent = dirname(own);
        if (parent !== "." && !this.entries.has(parent)) {
            this.directory(parent);
        }
        this.entries.set(own, entry);
        return this;
    }
}

function relative(path: string): string {
    return path.replace(/^\/+|\/+$/g, "");
}
