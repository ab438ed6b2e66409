import { chmodSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { cacheRoot as place, claimCache, type ENTRIES } from "./cachePlace.mjs";

/** A file or directory at the top of the cache; `npm run clean` knows them by these names. */
export type CacheEntry = (typeof ENTRIES)[number];

/**
 * Where everything is kept that can be made again, shared by all projects of this user: `MULTINET_CACHE`, else
 * `multinet` in `XDG_CACHE_HOME` or `~/.cache`.
 */
export function cacheRoot(env: NodeJS.ProcessEnv = process.env): string {
    return place(env);
}

/** Makes a directory that only its owner may enter. */
export function privateDirectory(path: string): string {
    mkdirSync(path, { recursive: true, mode: 0o700 });
    chmodSync(path, 0o700);
    return path;
}

/** The cache directory. An artifact in it is whole or not there at all. */
export class Cache {
    /** Its path without symbolic links. */
    readonly root: string;

    /** Refuses a directory that is no cache of multinet; see `claimCache`. */
    constructor(root = cacheRoot()) {
        this.root = claimCache(root);
    }

    /** A path inside the cache; its parent directory exists afterwards. */
    path(entry: CacheEntry, ...segments: string[]): string {
        const path = join(this.root, entry, ...segments);
        mkdirSync(join(path, ".."), { recursive: true });
        return path;
    }

    /** The directory of the artifact with this key, made or not. */
    dir(key: string): string {
        return this.path("pieces", key);
    }

    has(key: string): boolean {
        return existsSync(this.dir(key));
    }

    /**
     * Fills the directory of an artifact through `make`, which writes into a directory beside it that is renamed at the
     * end. The caller holds the artifact's lock, so what other runs left half-made is dropped first.
     */
    async add(key: string, make: (into: string) => Promise<void>): Promise<void> {
        const partial = `.partial-${key}-`;
        for (const left of readdirSync(join(this.dir(key), ".."))) {
            if (left.startsWith(partial)) {
                rmSync(this.path("pieces", left), { recursive: true });
            }
        }
        // A name of its own: what a killed run had started may still be writing.
        const into = this.path("pieces", `${partial}${process.pid}`);
        mkdirSync(into);
        try {
            await make(into);
            renameSync(into, this.dir(key));
        } catch (error) {
            rmSync(into, { recursive: true, force: true });
            throw error;
        }
    }
}
