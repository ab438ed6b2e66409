/** Runs `body` for every item, at most `limit` at a time; rejects as soon as one does. */
export async function parallel<T>(
    limit: number,
    items: T[],
    body: (item: T) => Promise<void>,
): Promise<void> {
    const waiting = items.values();
    const work = async () => {
        for (const item of waiting) {
            await body(item);
        }
    };
    await Promise.all(Array.from({ length: limit }, work));
}
