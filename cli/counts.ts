/** How many tests ended how. */
export interface Counts {
    passed: number;
    failed: number;
    skipped: number;
}

export function sum(all: Counts[]): Counts {
    const total = (key: keyof Counts) => all.reduce((count, counts) => count + counts[key], 0);
    return { passed: total("passed"), failed: total("failed"), skipped: total("skipped") };
}

export function closingLine({ passed, failed, skipped }: Counts): string {
    return `${passed} passed, ${failed} failed, ${skipped} skipped`;
}
