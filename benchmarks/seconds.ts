/** Seconds that an action takes, by the clock. */
export async function seconds(action: () => Promise<unknown>): Promise<number> {
    const begin = performance.now();
    await action();
    return (performance.now() - begin) / 1000;
}
