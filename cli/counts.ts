/** How many tests ended how, and for each one that failed its title and the first line of why. */
export interface Counts {
    passed: number;
    failed: string[];
    skipped: number;
}

export function sum(all: Counts[]): Counts {
    const total = (key: "passed" | "skipped") =>
        all.reduce((count, counts) => count + counts[key], 0);
    return {
        passed: total("passed"),
        failed: all.flatMap(({ failed }) => failed),
        skipped: total("skipped"),
    };
}

export function closingLine({ passed, failed, skipped }: Counts): string {
    return `${passed} passed, ${failed.length} failed, ${skipped} skipped`;
}
