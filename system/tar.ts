import { createReadStream } from "node:fs";

/** One thing in a tar stream. Sizes are in bytes; `from` is a path to read, the content itself, or a stream of it. */
export type Entry = { uid: number; gid: number } & (
    | { kind: "directory"; mode: number }
    | {
          kind: "file";
          mode: number;
          size: number;
          from: string | Buffer | (() => AsyncIterable<Buffer>);
      }
    | { kind: "link"; target: string }
);

type Entries = Iterable<[string, Entry]> | AsyncIterable<[string, Entry]>;

/** Modification time of everything: archives of equal content are equal bytes. */
const time = Date.UTC(2024, 0, 1) / 1000;

const BLOCK = 512;
const types = { file: "0", link: "2", directory: "5", pax: "x" };

/** The bytes of a POSIX (pax) tar of `entries`, whose paths are relative and written in the order given. */
export async function* tar(entries: Entries): AsyncGenerator<Buffer> {
    for await (const [path, entry] of entries) {
        yield header(path, entry);
        if (entry.kind !== "file") {
            continue;
        }
        yield* content(path, entry);
        yield Buffer.alloc(padding(entry.size));
    }
    yield Buffer.alloc(2 * BLOCK);
}

/** Length in bytes of `tar(entries)`. */
export function tarSize(entries: Iterable<[string, Entry]>): number {
    let size = 2 * BLOCK;
    for (const [path, entry] of entries) {
        size += header(path, entry).length;
        if (entry.kind === "file") {
            size += entry.size + padding(entry.size);
        }
    }
    return size;
}

async function* content(
    path: string,
    entry: Entry & { kind: "file" },
): AsyncGenerator<Buffer, void, void> {
    let size = 0;
    for await (const chunk of read(entry.from)) {
        size += chunk.length;
        yield chunk;
    }
    if (size !== entry.size) {
        throw new Error(
            `${path}: ${size} bytes were read where ${entry.size} were announced; ` +
                "the file changed while it was put into an archive: run again",
        );
    }
}

function read(
    from: string | Buffer | (() => AsyncIterable<Buffer>),
): Iterable<Buffer> | AsyncIterable<Buffer> {
    if (typeof from === "function") {
        return from();
    }
    if (typeof from === "string") {
        return createReadStream(from, { highWaterMark: 1 << 20 });
    }
    return [from];
}

/** The header, with a pax header before it when a name does not fit. */
function header(path: string, entry: Entry): Buffer {
    const name = entry.kind === "directory" ? `${path}/` : path;
    const target = entry.kind === "link" ? entry.target : "";
    const records = [
        ...(Buffer.byteLength(name) > 100 ? [record("path", name)] : []),
        ...(Buffer.byteLength(target) > 100 ? [record("linkpath", target)] : []),
    ];
    const size = entry.kind === "file" ? entry.size : 0;
    const own = ustar(name, types[entry.kind], size, entry, target);
    if (records.length === 0) {
        return own;
    }
    const pax = Buffer.from(records.join(""));
    const before = ustar("pax", types.pax, pax.length, entry, "");
    return Buffer.concat([before, pax, Buffer.alloc(padding(pax.length)), own]);
}

/** A pax record `<length> <key>=<value>\n`, whose length counts its own digits. */
function record(key: string, value: string): string {
    const rest = ` ${key}=${value}\n`;
    let length = Buffer.byteLength(rest);
    while (String(length).length + Buffer.byteLength(rest) !== length) {
        length = String(length).length + Buffer.byteLength(rest);
    }
    return `${length}${rest}`;
}

function ustar(name: string, type: string, size: number, entry: Entry, target: string): Buffer {
    const buffer = Buffer.alloc(BLOCK);
    const number = (value: number, width: number, at: number) =>
        buffer.write(value.toString(8).padStart(width - 1, "0"), at);
    buffer.write(name, 0, 100);
    number(entry.kind === "link" ? 0o777 : entry.mode, 8, 100);
    number(entry.uid, 8, 108);
    number(entry.gid, 8, 116);
    number(size, 12, 124);
    number(time, 12, 136);
    buffer.write("        ", 148);
    buffer.write(type, 156);
    buffer.write(target, 157, 100);
    buffer.write("ustar\x0000", 257);
    const sum = buffer.reduce((total, byte) => total + byte, 0);
    buffer.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
    return buffer;
}

function padding(size: number): number {
    return (BLOCK - (size % BLOCK)) % BLOCK;
}
