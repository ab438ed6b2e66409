import {
    copyFileSync,
    existsSync,
    readdirSync,
    readFileSync,
    renameSync,
    rmSync,
    statSync,
    writeFileSync,
} from "node:fs";
import { basename, join } from "node:path";
import { gunzipSync, zstdDecompressSync } from "node:zlib";
import type { State } from "./stack.ts";

/** What a file backend writes for a stack; `latest` is missing until its first update. */
export interface Checkpoint {
    version: number;
    checkpoint: { latest?: State["deployment"] | null };
}

/** Where a file backend keeps one stack. */
export interface StackPlace {
    /** The folder that holds `.pulumi`. */
    folder: string;
    project: string;
    stack: string;
}

/** How Pulumi ends the name of a checkpoint, by its compression. */
const ENDINGS = [".json", ".json.gz", ".json.zst"];

/** The ending that gocloud.dev gives a file with attributes of another one. */
const ATTRIBUTES = ".attrs";

/** The checkpoint that Pulumi reads: the latest by its time if there are several. Undefined if there is none. */
export function checkpointFile(place: StackPlace): string | undefined {
    const files = ENDINGS.map((ending) => join(stacks(place), place.stack + ending));
    const found = files.filter((file) => existsSync(file));
    return found.toSorted((a, b) => statSync(b).mtimeMs - statSync(a).mtimeMs)[0];
}

/** The content of a checkpoint file; undefined if it is not whole. */
export function readCheckpoint(file: string): Checkpoint | undefined {
    try {
        const found = JSON.parse(unpacked(readFileSync(file)).toString()) as Checkpoint | null;
        const { version, checkpoint } = found ?? {};
        const latest = checkpoint?.latest ?? {};
        const whole =
            typeof version === "number" &&
            typeof checkpoint === "object" &&
            typeof latest === "object" &&
            Array.isArray(latest.resources ?? []);
        return whole ? found! : undefined;
    } catch {
        return undefined;
    }
}

/** The last state of a stack, as it is in the file. */
export function recordedState(place: StackPlace): State["deployment"] | undefined {
    const file = checkpointFile(place);
    return file === undefined ? undefined : (readCheckpoint(file)?.checkpoint.latest ?? undefined);
}

/**
 * Puts a stack's state right that a killed engine, a full disk or a power failure left damaged, and says so. Only for
 * when no update of the stack runs.
 *
 * Pulumi writes a checkpoint beside its place and renames it, but not the attributes of that file: a kill in the middle
 * of those leaves them empty, and then Pulumi can read nothing ("failed to load checkpoint: EOF"). They hold nothing that
 * is needed. True if what is recorded now may be older than what there is.
 */
export function repairCheckpoint(place: StackPlace, say: (line: string) => void): boolean {
    removeTorn(place, say);
    const file = checkpointFile(place);
    if (file === undefined ? !hasHistory(place) : readCheckpoint(file) !== undefined) {
        return false;
    }
    const backup = backups(place).find((candidate) => readCheckpoint(candidate) !== undefined);
    const what = `The state of the stack "${place.stack}" is ${file ? "damaged" : "missing"}`;
    const aside = file && `${file}.damaged-${Date.now()}`;
    const kept = aside ? ` The damaged file was kept: ${aside}` : "";
    if (aside) {
        copyFileSync(file, aside);
    }
    if (backup !== undefined) {
        const target = join(stacks(place), place.stack + endingOf(backup));
        const partial = `${target}.partial`;
        writeFileSync(partial, readFileSync(backup), { mode: 0o600, flush: true });
        renameSync(partial, target);
        if (file !== undefined && file !== target) {
            rmSync(file);
        }
        say(`${what}: put the newest whole copy back, ${backup}.${kept}`);
    } else if (file !== undefined) {
        rmSync(file);
        say(`${what}, and no copy of it is whole: it starts empty, and adopts what runs.${kept}`);
    }
    return true;
}

/** Copies of the checkpoint, the newest first: each write begins with one, and each update ends with two. */
function backups(place: StackPlace): string[] {
    const { folder, project, stack } = place;
    const before = ENDINGS.map((ending) => join(stacks(place), `${stack}${ending}.bak`))
        .filter((file) => existsSync(file))
        .toSorted((a, b) => statSync(b).mtimeMs - statSync(a).mtimeMs);
    const updates = ["history", "backups"]
        .map((kind) => join(folder, ".pulumi", kind, project, stack))
        .flatMap((directory) => list(directory).map((name) => join(directory, name)))
        .filter((file) => isCheckpoint(file))
        .toSorted((a, b) => (writtenAt(a) < writtenAt(b) ? 1 : -1));
    return [...before, ...updates];
}

/** `pulumi stack rm` removes the history too: a stack with a history was not removed on purpose. */
function hasHistory({ folder, project, stack }: StackPlace): boolean {
    return list(join(folder, ".pulumi", "history", project, stack)).some(isCheckpoint);
}

/** Of the history, the checkpoints and not the descriptions of updates. */
function isCheckpoint(name: string): boolean {
    return ENDINGS.some((ending) => name.endsWith(ending)) && !name.includes(".history.json");
}

/** Nanoseconds since 1970 of `dev.1764094000000000000.json` and `dev-1764094000000000000.checkpoint.json`. */
function writtenAt(file: string): bigint {
    return BigInt(/[.-](\d+)\.(?:checkpoint\.)?json/.exec(basename(file))?.[1] ?? 0);
}

function endingOf(backup: string): string {
    const name = backup.replace(/\.bak$/, "");
    return ENDINGS.find((ending) => name.endsWith(ending))!;
}

/** Removes attributes that are no JSON, and what the engine was writing beside a checkpoint when it was killed. */
function removeTorn({ folder, project, stack }: StackPlace, say: (line: string) => void): void {
    const root = join(folder, ".pulumi");
    const own = [join(root, "stacks", project), root]
        .flatMap((directory) => list(directory).map((name) => join(directory, name)))
        .filter(
            (file) =>
                /^meta\.yaml\./.test(basename(file)) || basename(file).startsWith(`${stack}.json`),
        );
    const copies = ["history", "backups", join("locks", "organization")]
        .map((kind) => join(root, kind, project, stack))
        .flatMap((directory) => list(directory).map((name) => join(directory, name)));
    for (const file of [...own, ...copies]) {
        if (file.endsWith(".tmp")) {
            rmSync(file, { force: true });
        } else if (file.endsWith(ATTRIBUTES) && !isJson(file)) {
            rmSync(file, { force: true });
            say(`Removed ${file}, which a killed update left half-written.`);
        }
    }
    const meta = join(root, "meta.yaml");
    if (existsSync(meta) && !/^version:/m.test(readFileSync(meta, "utf8"))) {
        rmSync(meta);
        say(`Removed ${meta}, which is damaged: Pulumi writes it again.`);
    }
}

function isJson(file: string): boolean {
    try {
        JSON.parse(readFileSync(file, "utf8"));
        return true;
    } catch {
        return false;
    }
}

function stacks({ folder, project }: StackPlace): string {
    return join(folder, ".pulumi", "stacks", project);
}

function list(directory: string): string[] {
    return existsSync(directory) ? readdirSync(directory) : [];
}

function unpacked(bytes: Buffer): Buffer {
    if (bytes.readUInt16BE(0) === 0x1f8b) {
        return gunzipSync(bytes);
    }
    return bytes.length > 3 && bytes.readUInt32BE(0) === 0x28b52ffd
        ? zstdDecompressSync(bytes)
        : bytes;
}
