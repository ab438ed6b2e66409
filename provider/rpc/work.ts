/** The calls in progress: each gets its own signal, and together they can be cancelled or waited for. */
export class Work {
    private readonly running = new Map<AbortController, Promise<unknown>>();

    /**
     * Runs `body` with a signal that aborts on `cancel` and after `seconds` (0: no limit).
     */
    async run<T>(seconds: number, body: (signal: AbortSignal) => Promise<T>): Promise<T> {
        const controller = new AbortController();
        const timer =
            seconds > 0
                ? setTimeout(() => {
                      controller.abort(new Error(`not done within its ${seconds} seconds`));
                  }, seconds * 1000)
                : undefined;
        const result = body(controller.signal);
        this.running.set(controller, result);
        try {
            return await result;
        } finally {
            clearTimeout(timer);
            this.running.delete(controller);
        }
    }

    cancel(): void {
        for (const controller of this.running.keys()) {
            controller.abort(new Error("cancelled"));
        }
    }

    /** Resolves when nothing runs any more. */
    async idle(): Promise<void> {
        while (this.running.size > 0) {
            await Promise.allSettled(this.running.values());
        }
    }
}
