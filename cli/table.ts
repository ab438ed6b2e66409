/** Lines up rows of texts in columns; the first row is the head. */
export function table(rows: string[][]): string {
    const widths = (rows[0] ?? []).map((_, column) =>
        Math.max(...rows.map((row) => row[column]?.length ?? 0)),
    );
    return rows
        .map((row) =>
            row
                .map((text, column) => text.padEnd(widths[column]!))
                .join("  ")
                .trimEnd(),
        )
        .join("\n");
}
