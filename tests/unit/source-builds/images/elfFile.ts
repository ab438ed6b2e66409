/** A file that is an ELF-64 program as far as its linkage goes: headers, one loaded segment, the dynamic section. */
export function elfFile({
    interpreter,
    needed = [],
    runpath,
}: {
    interpreter?: string;
    needed?: string[];
    runpath?: string;
}): Buffer {
    const base = 0x400000n;
    const headers = 64 + 3 * 56;
    let strings = "\0";
    const at = (text: string): bigint => {
        const offset = BigInt(strings.length);
        strings += `${text}\0`;
        return offset;
    };
    const interpreterAt = at(interpreter ?? "");
    const values: [bigint, bigint][] = needed.map((name) => [1n, at(name)]);
    if (runpath) {
        values.push([29n, at(runpath)]);
    }
    values.push([5n, base + BigInt(headers)], [0n, 0n]);
    const dynamic = Buffer.alloc(values.length * 16);
    values.forEach(([tag, value], number) => {
        dynamic.writeBigUInt64LE(tag, number * 16);
        dynamic.writeBigUInt64LE(value, number * 16 + 8);
    });
    const dynamicAt = headers + strings.length;
    const file = Buffer.alloc(headers);
    file.write("\x7fELF\x02\x01\x01", 0, "latin1");
    file.writeBigUInt64LE(64n, 32);
    file.writeUInt16LE(56, 54);
    file.writeUInt16LE(interpreter ? 3 : 2, 56);
    const segment = (number: number, type: number, offset: number, size: number) => {
        const start = 64 + number * 56;
        file.writeUInt32LE(type, start);
        file.writeBigUInt64LE(BigInt(offset), start + 8);
        file.writeBigUInt64LE(base + BigInt(offset), start + 16);
        file.writeBigUInt64LE(BigInt(size), start + 32);
    };
    segment(0, 1, 0, dynamicAt + dynamic.length);
    segment(1, 2, dynamicAt, dynamic.length);
    segment(2, 3, headers + Number(interpreterAt), (interpreter ?? "").length + 1);
    return Buffer.concat([file, Buffer.from(strings), dynamic]);
}
