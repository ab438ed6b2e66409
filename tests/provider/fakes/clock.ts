/** Runs `body` while the machine's clock is a day further on whenever it is read. */
export async function withJumpingClock(body: () => Promise<void>): Promise<void> {
    const now = Date.now;
    let days = 0;
    Date.now = () => now() + days++ * 86_400_000;
    try {
        await body();
    } finally {
        Date.now = now;
    }
}
