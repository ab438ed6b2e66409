import { closeSync, openSync, readSync } from "node:fs";

/** What the dynamic loader needs to start a 64-bit program or to load a library. */
export interface Linkage {
    /** Path of the loader; libraries and static programs name none. */
    interpreter?: string;
    /** Names of the libraries loaded directly. */
    needed: string[];
    /** Directories searched before the system's. */
    runpath: string[];
}

const segments = { load: 1, dynamic: 2, interpreter: 3 };
const tags = { needed: 1, strings: 5, runpath: 29 };

interface Segment {
    type: number;
    offset: number;
    address: number;
    size: number;
}

/** Reads the linkage of a little-endian ELF-64 file; undefined for any other file. */
export function readLinkage(file: string): Linkage | undefined {
    const fd = openSync(file, "r");
    const bytes = (at: number, length: number): Buffer => {
        const buffer = Buffer.alloc(length);
        return buffer.subarray(0, readSync(fd, buffer, 0, length, at));
    };
    try {
        const header = bytes(0, 64);
        const isElf64 = header.length === 64 && header.readUInt32BE(0) === 0x7f454c46;
        if (!isElf64 || header[4] !== 2 || header[5] !== 1) {
            return undefined;
        }
        return linkage(readSegments(header, bytes), bytes);
    } finally {
        closeSync(fd);
    }
}

type Read = (at: number, length: number) => Buffer;

function readSegments(header: Buffer, bytes: Read): Segment[] {
    const table = Number(header.readBigUInt64LE(32));
    const entrySize = header.readUInt16LE(54);
    return Array.from({ length: header.readUInt16LE(56) }, (_, number) => {
        const entry = bytes(table + number * entrySize, entrySize);
        return {
            type: entry.readUInt32LE(0),
            offset: Number(entry.readBigUInt64LE(8)),
            address: Number(entry.readBigUInt64LE(16)),
            size: Number(entry.readBigUInt64LE(32)),
        };
    });
}

function linkage(all: Segment[], bytes: Read): Linkage {
    const dynamic = all.find(({ type }) => type === segments.dynamic);
    const interpreter = all.find(({ type }) => type === segments.interpreter);
    const values = dynamic ? readDynamic(bytes(dynamic.offset, dynamic.size)) : [];
    const strings = values.find(({ tag }) => tag === tags.strings)?.value ?? 0;
    const text = (at: number) => cString(bytes(offsetOf(strings, all) + at, 4096));
    const texts = (wanted: number) =>
        values.filter(({ tag }) => tag === wanted).map(({ value }) => text(value));
    return {
        ...(interpreter && { interpreter: cString(bytes(interpreter.offset, interpreter.size)) }),
        needed: texts(tags.needed),
        runpath: texts(tags.runpath).flatMap((path) => path.split(":")),
    };
}

function readDynamic(table: Buffer): { tag: number; value: number }[] {
    return Array.from({ length: Math.floor(table.length / 16) }, (_, number) => ({
        tag: Number(table.readBigInt64LE(number * 16)),
        value: Number(table.readBigUInt64LE(number * 16 + 8)),
    }));
}

/** The dynamic section speaks of addresses in memory; a loaded segment says where in the file they are. */
function offsetOf(address: number, all: Segment[]): number {
    const segment = all.find(
        (load) =>
            load.type === segments.load &&
            load.address <= address &&
            address < load.address + load.size,
    );
    return segment ? address - segment.address + segment.offset : 0;
}

function cString(buffer: Buffer): string {
    const end = buffer.indexOf(0);
    return buffer.toString("utf8", 0, end === -1 ? buffer.length : end);
}
